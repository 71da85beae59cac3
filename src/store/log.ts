import type { DatabaseSync } from "node:sqlite";
import type { Origin } from "../origin.ts";
import type { Transactions } from "./transactions.ts";

/** Everything that was said, in order, for good. What a model sees is a view of it. */
export interface Log {
  /** Adds these at the end: all of them or none. */
  append(entries: readonly NewEntry[]): void;
  /** The entries of a session from the newest back, down to the id `from`; read as far as the caller goes on. */
  newestFirst(session: number, from: number): IterableIterator<LogEntry>;
  /** The entries of one run, in order. */
  ofRun(session: number, run: number): LogEntry[];
  /** When an agent last said something, anywhere. */
  lastSaid(agent: string): Date | undefined;
}

export interface NewEntry {
  session: number;
  run: number | undefined;
  at: Date;
  /** `tool`: the result of one call. */
  role: "user" | "assistant" | "tool";
  sender: string;
  origin: Origin;
  /** What is searched: the words themselves. */
  text: string;
  /** For assistant and tool: the message content as the model gets it, plain JSON. */
  content?: unknown;
}

export interface LogEntry extends NewEntry {
  id: number;
}

const pageSize = 50;

export function createLog(database: DatabaseSync, transactions: Transactions): Log {
  const insert = database.prepare(
    "INSERT INTO log (session, run, at, role, sender, origin, text, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const page = database.prepare("SELECT * FROM log WHERE session = ? AND id >= ? AND id < ? ORDER BY id DESC LIMIT ?");
  const lastSaid = database.prepare(
    `SELECT max((SELECT at FROM log WHERE log.session = session.id AND role = 'assistant' ORDER BY log.id DESC LIMIT 1)) AS at
     FROM session WHERE agent = ?`,
  );
  const ofRun = database.prepare("SELECT * FROM log WHERE session = ? AND run = ? ORDER BY id");

  return {
    append(entries) {
      transactions.run(() => {
        for (const { session, run, at, role, sender, origin, text, content } of entries) {
          const json = content === undefined ? null : JSON.stringify(content);
          insert.run(session, run ?? null, at.getTime(), role, sender, origin, text, json);
        }
      });
    },
    *newestFirst(session, from) {
      // By pages: a caller that leaves off in the middle, or two at once, must not hold a statement open.
      let below = Number.MAX_SAFE_INTEGER;
      for (;;) {
        const rows = page.all(session, from, below, pageSize);
        for (const row of rows) yield logEntry(row);
        if (rows.length < pageSize) return;
        below = Number(rows.at(-1)?.id);
      }
    },
    lastSaid(agent) {
      const at = lastSaid.get(agent)?.at;
      return typeof at === "number" ? new Date(at) : undefined;
    },
    ofRun: (session, run) => ofRun.all(session, run).map(logEntry),
  };
}

function logEntry(row: Record<string, unknown>): LogEntry {
  const { id, session, run, at, role, sender, origin, text, content } = row as never;
  return {
    ...{ id, session, run: run ?? undefined, at: new Date(at), role, sender, origin, text },
    ...(content === null ? {} : { content: JSON.parse(content) }),
  };
}
