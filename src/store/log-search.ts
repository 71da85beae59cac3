import type { DatabaseSync } from "node:sqlite";
import type { Origin } from "../origin.ts";
import { matchAny } from "./full-text.ts";

/** Finds what was said, in every session of one agent. */
export interface LogSearch {
  /** Best first; newest first when there is no text. */
  search(query: LogQuery): LogHit[];
  /** How many messages can be found. */
  count(): number;
}

export interface LogQuery {
  text?: string | undefined;
  /** Not before this moment. */
  from?: Date | undefined;
  /** Before this moment. */
  to?: Date | undefined;
  limit: number;
  /** A run whose own messages are left out: the question is not its own answer. */
  exceptRun?: number | undefined;
}

export interface LogHit extends LogLine {
  id: number;
  /** What was said right before and after in the same session, by those whose words are trusted. */
  before: LogLine[];
  after: LogLine[];
}

export interface LogLine {
  at: Date;
  sender: string;
  origin: Origin;
  text: string;
}

/** What people and the agent said, and what came from outside; results of the agent's own tools are only noise. */
const said = "(log.role != 'tool' OR log.origin = 'web') AND log.text != ''";

export function createLogSearch(database: DatabaseSync, agent: string): LogSearch {
  const columns = "log.id, log.session, log.at, log.sender, log.origin, log.text";
  const range = "log.at >= ? AND log.at < ? AND ifnull(log.run, 0) != ? AND session.agent = ?";
  const byText = database.prepare(
    `SELECT ${columns} FROM log_text JOIN log ON log.id = log_text.rowid JOIN session ON session.id = log.session
     WHERE log_text MATCH ? AND ${said} AND ${range} ORDER BY bm25(log_text) LIMIT ?`,
  );
  const byTime = database.prepare(
    // CROSS keeps the order of the tables: along the time, and no further than to the limit.
    `SELECT ${columns} FROM log CROSS JOIN session ON session.id = log.session
     WHERE ${said} AND ${range} ORDER BY log.at DESC, log.id DESC LIMIT ?`,
  );
  // Foreign words come only as hits of their own, where their origin stands with them.
  const beside = `SELECT at, sender, origin, text FROM log WHERE ${said} AND origin NOT IN ('web', 'guest') AND session = ?`;
  const before = database.prepare(`${beside} AND id < ? ORDER BY id DESC LIMIT 2`);
  const after = database.prepare(`${beside} AND id > ? ORDER BY id LIMIT 2`);
  const count = database.prepare(
    `SELECT count(*) AS n FROM log JOIN session ON session.id = log.session WHERE agent = ? AND ${said}`,
  );

  return {
    search({ text = "", from, to, limit, exceptRun = -1 }) {
      const bounds = [from?.getTime() ?? 0, to?.getTime() ?? Number.MAX_SAFE_INTEGER, exceptRun, agent, limit] as const;
      const match = matchAny(text);
      if (text !== "" && !match) return [];
      const rows = match ? byText.all(match, ...bounds) : byTime.all(...bounds);
      return rows.map((row) => ({
        id: Number(row.id),
        ...line(row),
        before: before.all(Number(row.session), Number(row.id)).reverse().map(line),
        after: after.all(Number(row.session), Number(row.id)).map(line),
      }));
    },
    count: () => Number(count.get(agent)?.n),
  };
}

function line(row: Record<string, unknown>): LogLine {
  const { at, sender, origin, text } = row as never;
  return { at: new Date(at), sender, origin, text };
}
