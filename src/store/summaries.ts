import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { Transactions } from "./transactions.ts";

/** What stands in a session's view in the place of entries that have left it. The entries stay in the log. */
export interface Summary {
  session: number;
  at: Date;
  /** The ids of the entries that it stands for: from this one … */
  from: number;
  /** … up to before this one. */
  until: number;
  spans: SummarySpan[];
}

/** What was said by one kind of speaker. `agent`: clean words; `derived`: the agent's in tainted runs; `web`: foreign. */
export interface SummarySpan {
  origin: SpanOrigin;
  text: string;
  /** Where foreign text in it comes from: one phrase each. */
  taints: string[];
  /** For the marks around foreign text: random, and the same in every request. */
  marker: string;
}

const SpanOrigin = z.enum(["agent", "derived", "web"]);
export type SpanOrigin = z.infer<typeof SpanOrigin>;

export interface Summaries {
  /** The one that holds for a session: it stands for all that those before it stood for. */
  current(session: number): Summary | undefined;
  /** Keeps one; it holds from now on. */
  add(summary: Omit<Summary, "at">): void;
  /** The entry up to before which the agent has had the time to write down what matters. */
  notedUntil(session: number): number;
  setNotedUntil(session: number, entry: number): void;
}

const Span = z.object({
  at: z.number(),
  from_entry: z.number(),
  until_entry: z.number(),
  origin: SpanOrigin,
  text: z.string(),
  taints: z.string().transform((json) => z.array(z.string()).parse(JSON.parse(json))),
  marker: z.string(),
});

export function createSummaries(database: DatabaseSync, transactions: Transactions, now: () => Date): Summaries {
  const newest = database.prepare(
    `SELECT * FROM summary WHERE session = :session
       AND until_entry = (SELECT max(until_entry) FROM summary WHERE session = :session) ORDER BY id`,
  );
  const insert = database.prepare(
    "INSERT INTO summary (session, at, from_entry, until_entry, origin, text, taints, marker) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const noted = database.prepare("SELECT noted_until FROM session WHERE id = ?");
  const setNoted = database.prepare("UPDATE session SET noted_until = ? WHERE id = ?");

  return {
    current(session) {
      const rows = newest.all({ session }).map((row) => Span.parse(row));
      const [first] = rows;
      if (!first) return undefined;
      const spans = rows.map(({ origin, text, taints, marker }) => ({ origin, text, taints, marker }));
      return { session, at: new Date(first.at), from: first.from_entry, until: first.until_entry, spans };
    },
    add({ session, from, until, spans }) {
      transactions.run(() => {
        for (const { origin, text, taints, marker } of spans)
          insert.run(session, now().getTime(), from, until, origin, text, JSON.stringify(taints), marker);
      });
    },
    notedUntil: (session) => Number(noted.get(session)?.noted_until ?? 0),
    setNotedUntil: (session, entry) => void setNoted.run(entry, session),
  };
}
