import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { SeenEvent } from "./seen-events.ts";
import type { TestSynapse, TestUser } from "./synapse.ts";

/** What a whole conversation is judged by: what was said, what the agent kept of it, what its owner and the server saw. */
export interface Evidence {
  home: string;
  synapse: TestSynapse;
  agent: TestUser;
  owner: TestUser;
  room: string;
  /** The ids of the owner's messages, in order. */
  said: readonly string[];
  /** What the owner's client saw. */
  seen: readonly SeenEvent[];
  /** The number that an answer's text bears; undefined for anything else. */
  numberIn(text: string): number | undefined;
}

export interface Verdict {
  /** In sentences; none when all is right. */
  faults: string[];
  counts: {
    answers: number;
    /** Messages that shared their answer with another. */
    shared: number;
    /** Runs that were given up because they were killed too often. */
    givenUp: number;
    /** What the owner could read only later than it came. */
    readLate: number;
    /** Of the agent in the room, by type, as the homeserver has them. */
    leftAs: Record<string, number>;
  };
}

/** Every message answered once, in order, readable on both sides, and nothing of it in the clear. */
export async function judge(evidence: Evidence): Promise<Verdict> {
  const { said, seen, agent, owner, room, home, synapse, numberIn } = evidence;
  const { rows, answers, greetings } = readAnswers(home);
  const raw = await readRoom(synapse, room, owner);
  const faults: string[] = [];
  const expectThat = (holds: boolean, fault: string): void => void (holds || faults.push(fault));

  const rowOf = new Map(rows.map((row) => [row.event, row]));
  for (const [index, event] of said.entries()) {
    const row = rowOf.get(event);
    const named = answers.filter(({ answered }) => row && answered.includes(row.id));
    expectThat(row !== undefined, `message ${index + 1} never reached the inbox`);
    expectThat(row?.done !== false, `message ${index + 1} is not done`);
    expectThat(named.length === 1, `message ${index + 1} has ${named.length} answers`);
  }
  expectThat(rows.length === said.length, `the inbox has ${rows.length} rows for ${said.length} messages`);
  expectThat(greetings === 1, `the greeting was written ${greetings} times`);

  const numberOf = new Map(rows.map((row) => [row.id, said.indexOf(row.event) + 1]));
  const lasts = answers.map(({ answered }) => Math.max(...answered.map((id) => numberOf.get(id) ?? 0)));
  expectThat(isAscending(lasts), "the answers do not stand in the order of the messages");
  const timeline = raw.filter(({ sender }) => sender === agent.userId).map(({ event_id }) => event_id);
  const places = answers.map(({ event }) => timeline.indexOf(event ?? ""));
  expectThat(isAscending(places), "the answers did not leave in their order");

  const readable = new Map(
    seen
      .filter(({ type, sender }) => type === "m.room.message" && sender === agent.userId)
      .map((event) => [event.eventId, String(event.content.body)]),
  );
  for (const [index, { event, text }] of answers.entries()) {
    expectThat(event !== undefined, `the answer to ${lasts[index]} has not left`);
    const shown = readable.get(event ?? "");
    expectThat(
      shown === text,
      `the answer to ${lasts[index]} is ${shown === undefined ? "not seen" : "seen otherwise"}`,
    );
    const number = numberIn(text);
    expectThat(number === undefined || number === lasts[index], `the answer to ${lasts[index]} says: ${text}`);
  }
  const toNothing = readable.size - answers.length - greetings;
  expectThat(toNothing === 0, `${toNothing} messages of the agent are in the room beside the answers`);

  const unread = seen.filter(({ undecryptable }) => undecryptable).map(({ eventId }) => eventId);
  const never = unread.filter((id) => !seen.some(({ eventId, undecryptable }) => eventId === id && !undecryptable));
  expectThat(never.length === 0, `the owner could never read ${never.length} events`);
  const twice = synapse.log().match(/One time key \S+ already exists/g)?.length ?? 0;
  expectThat(twice === 0, `${twice} one-time keys were offered twice`);
  const clear = raw.filter(({ type }) => type === "m.room.message").length;
  expectThat(clear === 0, `${clear} messages are in the room unencrypted`);

  return {
    faults,
    counts: {
      answers: answers.length,
      shared: said.length - answers.length,
      givenUp: answers.filter(({ text }) => numberIn(text) === undefined).length,
      readLate: new Set(unread).size - never.length,
      leftAs: countBy(raw.filter(({ sender }) => sender === agent.userId).map(({ type }) => type)),
    },
  };
}

/** How many messages of the inbox are not done or whose answers have not left. */
export function owed(home: string, messages: number): number {
  const { rows, answers } = readAnswers(home);
  const left = new Set(answers.filter(({ event }) => event !== undefined).flatMap(({ answered }) => answered));
  return messages - rows.filter(({ id, done }) => done && left.has(id)).length;
}

function readAnswers(home: string) {
  using database = new DatabaseSync(join(home, "data", "memtrix.db"), { readOnly: true });
  const all = <Row>(sql: string): Row[] => database.prepare(sql).all() as Row[];
  const outbox = all<{ kind: string; event: string; answers: string; event_id: string | null }>(
    "SELECT * FROM outbox ORDER BY id",
  );
  return {
    rows: all<{ id: number; event: string; done_at: number | null }>("SELECT * FROM inbox ORDER BY id").map(
      ({ id, event, done_at }) => ({ id, event, done: done_at !== null }),
    ),
    answers: outbox
      .filter(({ kind }) => kind === "answer")
      .map(({ event, answers, event_id }) => ({
        text: String(JSON.parse(event).content.body),
        answered: JSON.parse(answers) as number[],
        event: event_id ?? undefined,
      })),
    greetings: outbox.filter(({ kind }) => kind !== "answer").length,
  };
}

interface RawEvent {
  event_id: string;
  type: string;
  sender: string;
}

/** Every event of the room as the homeserver has it, oldest first. */
async function readRoom({ url }: TestSynapse, room: string, { accessToken }: TestUser): Promise<RawEvent[]> {
  const events: RawEvent[] = [];
  for (let from: string | undefined = ""; from !== undefined; ) {
    const query = new URLSearchParams({ dir: "f", limit: "500", ...(from ? { from } : {}) });
    const response = await fetch(`${url}/_matrix/client/v3/rooms/${encodeURIComponent(room)}/messages?${query}`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    if (!response.ok) throw new Error(`The room cannot be read: ${response.status} ${await response.text()}`);
    const page = (await response.json()) as { chunk: RawEvent[]; end?: string };
    events.push(...page.chunk);
    from = page.end;
  }
  return events;
}

const isAscending = (numbers: readonly number[]): boolean =>
  numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0));

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
