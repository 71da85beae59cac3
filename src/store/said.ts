import type { DatabaseSync } from "node:sqlite";
import type { Origin } from "../origin.ts";
import { removedText } from "./removal.ts";

/** What people and one agent said, and what came from outside, in the order of the log: what its memory is made of. */
export interface Said {
  /** The first entries that are not in the memory yet; those without words to remember are passed over. */
  next(limit: number): SaidEntry[];
  /** Whether any of these are elsewhere than in this session from this entry on, or any words were changed. */
  isBehindBeside(session: number, from: number): boolean;
  /** How many entries of the log are not in the memory yet. */
  waiting(): number;
  /** How many entries there are to remember. */
  count(): number;
  /** Down to this entry all is in the memory. */
  done(entry: number): void;
  /** The entries of a session from one to another, both included. */
  between(session: number, from: number, to: number): SaidEntry[];
  /** Entries whose words were changed since they were said. */
  rewritten(): { session: number; entry: number }[];
  /** The memory has what this entry says now. */
  settle(entry: number): void;
  /** Everything is to be taken in again. */
  restart(): void;
}

export interface SaidEntry {
  id: number;
  session: number;
  run: number | undefined;
  at: number;
  sender: string;
  origin: Origin;
  text: string;
}

/** Results of the agent's own tools are only noise, and what its memory gave would come back as its own echo. */
const telling = `log.text != '' AND log.text != '${removedText}'
  AND (log.role != 'tool' OR log.origin = 'web' AND log.sender NOT IN ('search_memory', 'read_memory_file'))`;

export function createSaid(database: DatabaseSync, agent: string): Said {
  const columns = "log.id, log.session, log.run, log.at, log.sender, log.origin, log.text";
  const next = database.prepare(
    `SELECT ${columns} FROM log CROSS JOIN session ON session.id = log.session
     WHERE log.id > (SELECT log_until FROM memory WHERE agent = ?1) AND session.agent = ?1 AND ${telling}
     ORDER BY log.id LIMIT ?2`,
  );
  const beside = database.prepare(
    `SELECT 1 WHERE EXISTS (SELECT 1 FROM log_changed) OR EXISTS (
       SELECT 1 FROM log CROSS JOIN session ON session.id = log.session
       WHERE log.id > (SELECT log_until FROM memory WHERE agent = ?1) AND session.agent = ?1 AND ${telling}
         AND NOT (log.session = ?2 AND log.id >= ?3))`,
  );
  const waiting = database.prepare(
    "SELECT ifnull(max(id), 0) - (SELECT log_until FROM memory WHERE agent = ?) AS n FROM log",
  );
  const newest = database.prepare("SELECT ifnull(max(id), 0) AS id FROM log");
  const done = database.prepare("UPDATE memory SET log_until = max(log_until, ?) WHERE agent = ?");
  const between = database.prepare(
    `SELECT ${columns} FROM log WHERE session = ? AND id >= ? AND id <= ? AND ${telling} ORDER BY id`,
  );
  const rewritten = database.prepare(
    `SELECT log.session, log.id AS entry FROM log_changed JOIN log ON log.id = log_changed.entry
     JOIN session ON session.id = log.session WHERE session.agent = ?`,
  );
  const count = database.prepare(
    `SELECT count(*) AS n FROM log JOIN session ON session.id = log.session WHERE session.agent = ? AND ${telling}`,
  );
  const settle = database.prepare("DELETE FROM log_changed WHERE entry = ?");
  const restart = database.prepare("UPDATE memory SET log_until = 0 WHERE agent = ?");

  return {
    next(limit) {
      const end = Number(newest.get()?.id);
      const entries = next.all(agent, limit).map(saidEntry);
      // What follows says nothing, or is another agent's: it need not be looked at again.
      if (entries.length === 0) done.run(end, agent);
      return entries;
    },
    isBehindBeside: (session, from) => beside.get(agent, session, from) !== undefined,
    waiting: () => Math.max(0, Number(waiting.get(agent)?.n)),
    count: () => Number(count.get(agent)?.n),
    done: (entry) => void done.run(entry, agent),
    between: (session, from, to) => between.all(session, from, to).map(saidEntry),
    rewritten: () => rewritten.all(agent) as unknown as { session: number; entry: number }[],
    settle: (entry) => void settle.run(entry),
    restart: () => void restart.run(agent),
  };
}

function saidEntry(row: Record<string, unknown>): SaidEntry {
  const { id, session, run, at, sender, origin, text } = row as never;
  return { id, session, run: run ?? undefined, at, sender, origin, text };
}
