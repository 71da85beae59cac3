import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { SeenEvent } from "../support/seen-events.ts";

/** A message that one agent owes an answer to. */
export interface Owed {
  /** The agent's id. */
  agent: string;
  /** The message's event. */
  event: string;
  number: number;
}

export interface SoakVerdict {
  /** Answers that were owed. */
  owed: number;
  answered: number;
  lost: string[];
  doubled: string[];
  /** Answered by a sentence that says what failed. */
  apologies: number;
  /** Answers that the person's client never read. */
  undecryptable: string[];
  /** What an agent said in a room beside its answers, notices left out. */
  unaccounted: number;
}

/** What the program's own books say, held against what the person's client has seen. */
export function judgeSoak(home: string, owed: readonly Owed[], seen: readonly SeenEvent[]): SoakVerdict {
  const { rows, outbox } = booksOf(home);
  const rowOf = new Map(rows.map(({ agent, event, id }) => [`${agent} ${event}`, id]));
  const answersTo = new Map<number, { text: string; eventId: string | undefined }[]>();
  for (const { answers, ...answer } of outbox)
    for (const id of answers) answersTo.set(id, [...(answersTo.get(id) ?? []), answer]);
  const readable = new Set(
    seen.filter(({ type, undecryptable }) => type === "m.room.message" && !undecryptable).map(({ eventId }) => eventId),
  );
  const verdict: SoakVerdict = {
    ...{ owed: owed.length, answered: 0, lost: [], doubled: [], apologies: 0, undecryptable: [], unaccounted: 0 },
  };
  for (const { agent, event, number } of owed) {
    const name = `${number} to ${agent}`;
    const answers = (answersTo.get(rowOf.get(`${agent} ${event}`) ?? -1) ?? []).filter(({ eventId }) => eventId);
    if (answers.length === 0) verdict.lost.push(name);
    if (answers.length > 1) verdict.doubled.push(name);
    if (answers.length === 1) verdict.answered++;
    const [answer] = answers;
    if (answer && !answer.text.includes("Answer to ")) verdict.apologies++;
    if (answer?.eventId && !readable.has(answer.eventId)) verdict.undecryptable.push(name);
  }
  const ours = new Set(outbox.map(({ eventId }) => eventId));
  verdict.unaccounted = seen.filter(
    ({ type, eventId, content }) =>
      type === "m.room.message" && String(content.body).startsWith("Answer to ") && !ours.has(eventId),
  ).length;
  return verdict;
}

function booksOf(home: string) {
  using database = new DatabaseSync(join(home, "data", "memtrix.db"), { readOnly: true });
  const all = <Row>(sql: string): Row[] => database.prepare(sql).all() as Row[];
  return {
    rows: all<{ id: number; agent: string; event: string }>("SELECT id, agent, event FROM inbox"),
    outbox: all<{ event: string; answers: string; event_id: string | null }>(
      "SELECT event, answers, event_id FROM outbox WHERE kind = 'answer'",
    ).map(({ event, answers, event_id }) => ({
      text: String(JSON.parse(event).content.body),
      answers: JSON.parse(answers) as number[],
      eventId: event_id ?? undefined,
    })),
  };
}
