import { coreFile, nameIn, withLine, withName } from "./_rehearsal-core-file.ts";
import { type Fields, fieldsOf } from "./_rehearsal-patterns.ts";
import { bestRecollection } from "./_rehearsal-recollection.ts";
import type { Call, Play, Rule } from "./_rehearsal-rule.ts";
import { asItem, fenced, oneLine, quoted, withComma, withoutNumbers } from "./_rehearsal-text.ts";

/** The first rule that understands the sentence, with what it heard. */
export function ruleFor(sentence: string): { rule: Rule; fields: Fields } | undefined {
  for (const rule of rules)
    for (const pattern of rule.hear) {
      const fields = fieldsOf(pattern, sentence);
      if (fields && (rule.when?.(fields) ?? true)) return { rule, fields };
    }
  return undefined;
}

/** In the order in which they are tried, and in which the examples are shown. */
export const rules: readonly Rule[] = [
  {
    hear: ["hello", "hello there", "hi", "hi there", "hey", "good morning", "good evening"],
    play: (_, { name, user }) =>
      `Hello${withComma(nameIn(user))}. This is ${name}, played by rules. Say \`help\` to see them.`,
  },
  {
    hear: ["help", "what can you do", "what can i do", "what can i say", "how does this work"],
    play: (_, { examples }) =>
      `I work by rules, not by a model. Try one of these:\n\n${examples.map(asItem).join("\n")}`,
  },
  {
    hear: ["who are you", "what are you", "what is your name", "what's your name", "introduce yourself"],
    play: (_, { name }) => `I am ${name}, played by rules instead of a model. \`memtrix onboard\` chooses a real one.`,
  },
  {
    hear: ["thanks", "thank you", "thanks a lot", "thank you very much"],
    play: () => "You are welcome.",
  },
  {
    hear: [
      "my name is {name...}",
      "my name's {name...}",
      "i am called {name...}",
      "i'm called {name...}",
      "call me {name...}",
    ],
    when: ({ name }) => isName(name),
    example: "My name is Ada",
    needs: ["read_core_file", "write_core_file"],
    play: learnName,
    failed: (_, reason) => `I did not change USER.md. ${reason}`,
  },
  {
    hear: ["i am {name}", "i'm {name}"],
    when: ({ name = "" }) => isName(name) && /^\p{Lu}/u.test(name),
    play: learnName,
    failed: (_, reason) => `I did not change USER.md. ${reason}`,
  },
  {
    hear: ["what is my name", "what's my name", "who am i", "do you know my name", "do you remember my name"],
    example: "What is my name?",
    *play(_, scene) {
      const name = nameIn(scene.user);
      if (name) return `Your name is ${name}. That is in USER.md.`;
      const found = bestRecollection(
        yield call("search_memory", { query: "my name is", limit: 5 }),
        "name",
        scene.name,
      );
      if (!found) return "I do not know your name. Tell me: `My name is Ada`, say.";
      return `USER.md does not say. ${found}`;
    },
  },
  {
    hear: ["always remember [that] {fact...}", "never forget [that] {fact...}"],
    example: "Never forget that the boiler is serviced in May",
    needs: ["read_core_file", "write_core_file"],
    *play({ fact = "" }) {
      const file = coreFile(yield call("read_core_file", { name: "MEMORY" }));
      yield call("write_core_file", { name: "MEMORY", content: withLine(file, "## Facts", `- ${oneLine(fact)}`) });
      return "I added that to MEMORY.md.";
    },
    failed: (_, reason) => `I did not change MEMORY.md. ${reason}`,
  },
  {
    hear: [
      "remember [that] {fact...}",
      "note [that] {fact...}",
      "don't forget [that] {fact...}",
      "keep in mind [that] {fact...}",
    ],
    example: "Remember that the key is under the mat",
    needs: ["write_memory_file"],
    *play({ fact }) {
      yield call("write_memory_file", { section: "Notes", text: fact });
      return "I wrote that into today's journal, under Notes.";
    },
  },
  {
    hear: [
      "when did i {what...}",
      "where did i {what...}",
      "what did i say about {what...}",
      "what do you know about {what...}",
      "do you remember {what...}",
      "search [your] memory for {what...}",
      "when is {what...}",
      "when was {what...}",
      "when does {what...}",
      "where is {what...}",
      "where are {what...}",
      "who is {what...}",
    ],
    example: "What did I say about the key?",
    needs: ["search_memory"],
    *play({ what = "" }, { name }) {
      const found = bestRecollection(yield call("search_memory", { query: what, limit: 5 }), what, name);
      return found ?? `I found nothing about "${what}" in my memory.`;
    },
  },
  {
    hear: [
      "what time is it",
      "what is the time",
      "what's the time",
      "what day is it",
      "what is the date",
      "what date is it",
    ],
    example: "What time is it?",
    needs: ["get_current_time"],
    *play() {
      return yield call("get_current_time", {});
    },
  },
  {
    hear: [
      "write {text...} to [the] [file] {path}",
      "write {text...} into [the] [file] {path}",
      "save {text...} to [the] [file] {path}",
      "save {text...} in [the] [file] {path}",
      "put {text...} into [the] [file] {path}",
    ],
    example: "Write milk and eggs to shopping.txt",
    needs: ["create_file"],
    *play({ text, path }) {
      yield call("create_file", { path, content: `${text}\n` });
      return `I wrote that to ${path}.`;
    },
    failed: ({ path }, reason) => `I did not write ${path}. ${reason}`,
  },
  {
    hear: ["replace {old...} with {new...} in [the file] {path}"],
    *play({ path, old, new: replacement }) {
      yield call("edit_file", { path, old, new: replacement });
      return `I changed ${path}.`;
    },
    failed: ({ path }, reason) => `I did not change ${path}. ${reason}`,
  },
  {
    hear: ["list [the] [my] files", "what files are there", "list [the] files in {path}"],
    example: "List files",
    needs: ["list_directory"],
    *play({ path = "." }) {
      return fenced(yield call("list_directory", { path }));
    },
  },
  {
    hear: ["read [me] [the] [file] {path}", "show [me] [the] [file] {path}", "what is in {path}", "what's in {path}"],
    example: "Read shopping.txt",
    needs: ["read_file"],
    *play({ path }) {
      return `${path}:\n\n${fenced(withoutNumbers(yield call("read_file", { path })))}`;
    },
    failed: ({ path }, reason) => `I could not read ${path}. ${reason}`,
  },
  {
    hear: [
      "make [a] folder [called] {path}",
      "create [a] folder [called] {path}",
      "make [a] directory [called] {path}",
    ],
    example: "Make a folder recipes",
    needs: ["create_directory"],
    *play({ path }) {
      yield call("create_directory", { path });
      return `The folder ${path} is there.`;
    },
  },
  {
    hear: ["delete [the] folder {path}", "remove [the] folder {path}"],
    *play({ path }) {
      yield call("delete_directory", { path });
      return `I deleted the folder ${path}.`;
    },
    failed: notDeleted,
  },
  {
    hear: ["delete [the] [file] {path}", "remove [the] [file] {path}"],
    example: "Delete shopping.txt",
    needs: ["delete_file"],
    *play({ path }) {
      yield call("delete_file", { path });
      return `I deleted ${path}.`;
    },
    failed: notDeleted,
  },
  {
    hear: ["create [an] agent [called] {name} for {purpose...}", "make [an] agent [called] {name} for {purpose...}"],
    example: "Create an agent Cook for recipes and menus",
    needs: ["create_agent"],
    *play({ name, purpose }) {
      yield call("create_agent", { name, description: purpose });
      return `${name} is there. Its work: ${purpose}.`;
    },
    failed: ({ name }, reason) => `I did not make ${name}. ${reason}`,
  },
  {
    hear: ["list [the] [my] agents", "which agents are there"],
    *play() {
      return yield call("list_agents", {});
    },
  },
  {
    hear: ["delete [the] agent {name}", "remove [the] agent {name}"],
    *play({ name }) {
      yield call("delete_agent", { name });
      return `${name} is gone.`;
    },
    failed: ({ name }, reason) => `I did not delete ${name}. ${reason}`,
  },
  {
    hear: ["ask [the] [agent] {name} {question...}"],
    example: "Ask Cook who are you",
    needs: ["ask_agent"],
    *play({ name, question }) {
      return `${name} says:\n\n${quoted(yield call("ask_agent", { name, question }))}`;
    },
    failed: ({ name }, reason) => `I could not ask ${name}. ${reason}`,
  },
];

function* learnName({ name = "" }: Fields): Play {
  const file = coreFile(yield call("read_core_file", { name: "USER" }));
  yield call("write_core_file", { name: "USER", content: withName(file, oneLine(name)) });
  return `Noted, ${oneLine(name)}. Your name is in USER.md now.`;
}

function notDeleted({ path }: Fields, reason: string): string {
  return `I did not delete ${path}. ${reason}`;
}

function call(tool: string, input: Record<string, unknown>): Call {
  return { tool, input };
}

/** One to four words of letters, as names are. */
function isName(words = ""): boolean {
  return /^\p{L}[\p{L}.'-]*( \p{L}[\p{L}.'-]*){0,3}$/u.test(words) && !/\b(?:and|not|the|a)\b/i.test(words);
}
