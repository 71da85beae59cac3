/** What the second account says and does, in order. Each line waits for what comes of the one before. */
export type Line =
  /** Begins a part, with what it shows. */
  | { part: string }
  | {
      says: string;
      /** In the room of another agent than the main one. */
      to?: string;
      /** What is answered when the agent asks first. */
      decides?: "✅" | "❌";
      /** Another agent has a room of its own after this, which is entered. */
      bringsAgent?: string;
    };

export const script: readonly Line[] = [
  { part: "It learns, and remembers when the conversation begins anew" },
  { says: "Hello! My name is Ada." },
  { says: "Remember that the boiler is serviced in May." },
  { says: "/clear" },
  { says: "What is my name?" },
  { says: "When is the boiler serviced?" },

  { part: "It works with files in its workspace, and nowhere else" },
  { says: "Write milk, eggs and flour to shopping.txt" },
  { says: "Read shopping.txt" },

  { part: "It asks before it destroys, and takes a no" },
  { says: "Delete shopping.txt", decides: "❌" },
  { says: "List my files" },

  { part: "It has others beside it, each with a room and a memory of its own" },
  { says: "Create an agent Cook for recipes and menus", decides: "✅", bringsAgent: "Cook" },
  { says: "Remember that pancakes need flour, milk and eggs.", to: "Cook" },
  { says: "What do you know about pancakes?" },
  { says: "Ask Cook what do you know about pancakes" },

  { part: "It shows what it does, when it is asked to" },
  { says: "/verbose on" },
  { says: "Read shopping.txt" },
];
