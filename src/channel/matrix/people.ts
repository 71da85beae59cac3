import type { Origin } from "../../origin.ts";

/** An agent of this installation, as the others know it. */
export interface OurAgent {
  agent: string;
  /** As the owner calls it. */
  name: string;
  /** Its account is open: it can hear and answer. */
  isHere(): boolean;
}

/** Who may speak to one agent. Full ids only: anyone can take a display name. */
export interface People {
  /** Where the words of this sender come from; undefined for those who are not listened to. */
  originOf(userId: string): Extract<Origin, "owner" | "guest"> | undefined;
  isOwner(userId: string): boolean;
  /** An account of this installation. */
  isOurs(userId: string): boolean;
  /** The agent of such an account; undefined for everybody else. */
  agentOf(userId: string): OurAgent | undefined;
  readonly owners: readonly string[];
}

export function createPeople(lists: {
  owners: readonly string[];
  allowed: readonly string[];
  /** The accounts of all agents; they come and go. */
  ours: ReadonlyMap<string, OurAgent>;
}): People {
  const { ours } = lists;
  const [owners, allowed] = [new Set(lists.owners), new Set(lists.allowed)];
  return {
    owners: [...owners],
    isOwner: (userId) => owners.has(userId),
    isOurs: (userId) => ours.has(userId),
    agentOf: (userId) => ours.get(userId),
    originOf(userId) {
      if (ours.has(userId)) return undefined;
      if (owners.has(userId)) return "owner";
      return allowed.has(userId) ? "guest" : undefined;
    },
  };
}
