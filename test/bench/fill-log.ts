import type { NewEntry } from "../../src/store/log.ts";
import type { Store } from "../../src/store/store.ts";

export interface FillOptions {
  agent: string;
  /** Where it is said; with many sessions, the newest part of it. */
  conversation: string;
  /** Entries of the log: what people, the agent and its tools said. */
  messages: number;
  /** One session under way that holds them all, or conversations of some forty each. */
  sessions: "one" | "many";
  now(): Date;
}

const messagesOfAConversation = 40;
const runsOfATransaction = 2_000;

/** Fills the store with what that many messages would have left in it: runs of two entries, or of four when a tool was called. */
export function fillLog(store: Store, options: FillOptions): void {
  const random = generator(options.messages);
  let left = options.messages;
  while (left > 0) {
    store.transaction(() => {
      for (let run = 0; run < runsOfATransaction && left > 0; run++) {
        const isOfTheConversation = options.sessions === "one" || left <= messagesOfAConversation;
        const other = `cli:other-${Math.floor(left / messagesOfAConversation)}`;
        left -= addRun(store, options, isOfTheConversation ? options.conversation : other, left, random);
      }
      for (const { id } of store.outbox.waiting("cli")) store.outbox.sent(id);
    });
  }
}

/** One run from message to answer; gives how many entries it has. */
function addRun(
  store: Store,
  { agent, now }: FillOptions,
  conversation: string,
  number: number,
  random: () => number,
): number {
  const session = store.sessions.current(agent, conversation);
  const run = store.runs.begin(session.id);
  const [question, answer] = [sentences(random, 12, 60), sentences(random, 20, 160)];
  const base = { session: session.id, run: run.id, at: now() };
  const entry = (role: NewEntry["role"], sender: string, text: string, content?: unknown): NewEntry => ({
    ...{ ...base, role, sender, text },
    ...{ origin: role === "user" ? "owner" : "agent", content },
  });

  const said = { channel: "cli", agent, conversation, sender: "owner", origin: "owner", text: question } as const;
  const inbox = store.inbox.add({ ...said, event: `filled-${number}`, at: now() }) ?? 0;
  store.inbox.assign([inbox], run.id);
  const entries = [entry("user", "owner", question)];
  if (number % 3 === 0) {
    const [id, result] = [`filled-${number}`, sentences(random, 20, 200)];
    const call = { type: "tool-call", toolCallId: id, toolName: "search_memory", input: { query: question } };
    const output = { type: "text", value: result };
    const content = { type: "tool-result", toolCallId: id, toolName: "search_memory", output };
    entries.push(entry("assistant", "Memtrix", "", [call]), entry("tool", "search_memory", result, content));
  }
  entries.push(entry("assistant", "Memtrix", answer, [{ type: "text", text: answer }]));
  store.log.append(entries);
  store.usage.add({ agent, model: "small", inputTokens: 9_000, outputTokens: 200, cachedTokens: 0 });
  const event = { kind: "text", text: answer };
  store.outbox.add({ channel: "cli", agent, conversation, events: [event], answers: [inbox] });
  store.inbox.done([inbox]);
  store.runs.end(run, "answered");
  return entries.length;
}

const words =
  "the a of and to in is it we you that for on with as at this have from or one had by word but not what all were when your can said there use each which she do how their if will up other about out many then them these so some her would make like him into time has look two more write go see number no way could people my than first water been call who oil its now find long down day did get come made may part".split(
    " ",
  );

/** Text of between `least` and `most` words. */
function sentences(random: () => number, least: number, most: number): string {
  const count = least + Math.floor(random() * (most - least));
  return Array.from({ length: count }, (_, index) => {
    const word = words[Math.floor(random() * words.length)] ?? "";
    return index % 11 === 10 ? `${word}.` : word;
  }).join(" ");
}

/** The same numbers from 0 to 1 at every run (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
