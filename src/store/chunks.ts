import type { DatabaseSync } from "node:sqlite";
import type { Origin } from "../origin.ts";
import { matchAny, searchable } from "./full-text.ts";
import type { Transactions } from "./transactions.ts";

/** One agent's memory as it is searched: a few lines each, found by their words. Made from the log and the journals, and can be made anew. */
export interface Chunks {
  /** Which of `log` and `chunk` are this agent's. */
  readonly memory: number;
  /** Chunks whose words match any of the terms, best first. */
  matching(terms: readonly string[], limit: number, range?: ChunkRange): StoredChunk[];
  /** The newest of a range, newest first. */
  newest(limit: number, range: ChunkRange): StoredChunk[];
  byIds(ids: readonly number[]): StoredChunk[];
  /** In how many chunks each term is, about; those of no chunk are left out. */
  frequencies(terms: readonly string[]): Map<string, number>;
  /** About how many there are, at once. */
  size(): number;
  /** The last one of a session's lines from outside or of its others. */
  lastOfSession(session: number, outside: boolean): SessionChunk | undefined;
  /** Those of a session's lines that begin at this entry or later. */
  beginningFrom(session: number, outside: boolean, entry: number): number[];
  /** Those that hold this entry of the log. */
  ofEntry(session: number, entry: number): SessionChunk[];
  /** Takes chunks away and adds others; what both hold keeps its vector. Within a transaction. */
  replace(gone: readonly number[], added: readonly NewChunk[]): void;
  /** The chunks of one day's journal. */
  ofDay(day: string): number[];
}

/** A time in which at least one line must have been said: from the first moment to before the second. */
export interface ChunkRange {
  from: number;
  to: number;
}

/** What one person said, or one entry of a journal; a long one is several lines. */
export interface ChunkLine {
  /** Milliseconds since 1970. */
  at: number;
  /** Who said it, or the section of the journal. */
  who: string;
  origin: Origin;
  text: string;
  /** The entry of the log. */
  entry?: number;
  run?: number;
  /** Which part of a long entry. */
  part?: number;
}

export interface StoredChunk {
  id: number;
  session: number | undefined;
  day: string | undefined;
  lines: ChunkLine[];
}

/** A part of a session: its first and last entry of the log, and where the next chunk begins; undefined while it may grow. */
export interface SessionChunk {
  id: number;
  first: number;
  last: number;
  next: number | undefined;
  outside: boolean;
}

export interface NewChunk {
  key: string;
  /** What it is searched by. */
  text: string;
  lines: readonly ChunkLine[];
  from: { session: number; outside: boolean; next: number | undefined } | { day: string };
  /** The lines that are to have a vector of their own, and the chunk itself as line -1. */
  vectors: readonly { key: string; line: number }[];
}

/** Of terms that are in so many chunks the count is kept until the memory has grown by a fiftieth. */
const leastCommon = 200;

/** The chunks of one agent have ids beside each other: a search goes through no others. */
const idsOfMemory = 2 ** 40;

export function createChunks(database: DatabaseSync, transactions: Transactions, agent: string): Chunks {
  database.prepare("INSERT OR IGNORE INTO memory (agent) VALUES (?)").run(agent);
  const memory = Number(database.prepare("SELECT id FROM memory WHERE agent = ?").get(agent)?.id);
  const [least, most] = [memory * idsOfMemory, (memory + 1) * idsOfMemory - 1];

  const columns = "chunk.id, session, day, lines";
  // What is read of a chunk is read when it is known to be one of the best.
  const match = database.prepare(
    `SELECT ${columns} FROM
       (SELECT rowid AS best FROM chunk_text WHERE chunk_text MATCH ? AND rowid BETWEEN ${least} AND ${most}
        ORDER BY rank LIMIT ?)
     CROSS JOIN chunk ON chunk.id = best`,
  );
  const matchWithin = database.prepare(
    `SELECT ${columns} FROM
       (SELECT chunk.id AS best FROM chunk_text JOIN chunk ON chunk.id = chunk_text.rowid
        WHERE chunk_text MATCH ? AND chunk_text.rowid BETWEEN ${least} AND ${most} AND ends_at >= ? AND begins_at < ?
        ORDER BY rank LIMIT ?)
     CROSS JOIN chunk ON chunk.id = best`,
  );
  const newest = database.prepare(
    `SELECT ${columns} FROM chunk WHERE id BETWEEN ${least} AND ${most} AND ends_at >= ? AND begins_at < ?
     ORDER BY ends_at DESC, id DESC LIMIT ?`,
  );
  const ofIds = database.prepare(`SELECT ${columns} FROM json_each(?) CROSS JOIN chunk ON chunk.id = value`);
  const frequency = database.prepare("SELECT doc FROM chunk_term WHERE term = ?");
  const last = database.prepare(
    "SELECT id, first, last, next, outside FROM chunk WHERE session = ? AND outside = ? ORDER BY first DESC, id DESC LIMIT 1",
  );
  const beginningFrom = database.prepare("SELECT id FROM chunk WHERE session = ? AND outside = ? AND first >= ?");
  const holding = database.prepare(
    "SELECT id, first, last, next, outside FROM chunk WHERE session = ? AND first <= ? AND last >= ?",
  );
  const ofDay = database.prepare(`SELECT id FROM chunk WHERE day = ? AND id BETWEEN ${least} AND ${most}`);
  const nextId = database.prepare(
    `SELECT ifnull(max(id) + 1, ${least}) AS id FROM chunk WHERE id BETWEEN ${least} AND ${most}`,
  );
  const insert = database.prepare("INSERT INTO chunk VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const insertText = database.prepare("INSERT INTO chunk_text (rowid, text) VALUES (?, ?)");
  const remove = database.prepare("DELETE FROM chunk WHERE id = ?");
  const removeText = database.prepare("DELETE FROM chunk_text WHERE rowid = ?");
  const orphan = database.prepare("UPDATE chunk_vector SET chunk = NULL WHERE chunk = ?");
  // Of the chunks that share a line the first has its vector.
  const adopt = database.prepare(
    `INSERT INTO chunk_vector (memory, key, chunk, line) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET chunk = excluded.chunk, line = excluded.line WHERE chunk IS NULL`,
  );
  const forget = database.prepare("DELETE FROM chunk_vector WHERE memory = ? AND chunk IS NULL AND collection IS NULL");

  /** Of terms that are common, which take long to count, from when there were `countedAt` chunks. */
  const common = new Map<string, number>();
  let countedAt = 0;

  const size = (): number => Number(nextId.get()?.id) - least;

  function frequencyOf(term: string): number {
    const known = common.get(term);
    if (known !== undefined) return known;
    const count = Number(frequency.get(term)?.doc ?? 0);
    if (count >= leastCommon) common.set(term, count);
    return count;
  }

  function add({ key, text, lines, from, vectors }: NewChunk): void {
    const id = Number(nextId.get()?.id);
    const times = lines.map(({ at }) => at);
    const bounds = [Math.min(...times), Math.max(...times)] as const;
    const json = JSON.stringify(lines);
    if ("day" in from) insert.run(id, key, null, null, null, null, null, from.day, ...bounds, json);
    else {
      const { session, outside, next = null } = from;
      const [first, last] = [lines[0]?.entry ?? 0, lines.at(-1)?.entry ?? 0];
      insert.run(id, key, session, Number(outside), first, last, next, null, ...bounds, json);
    }
    insertText.run(id, searchable(text));
    for (const vector of vectors) adopt.run(memory, vector.key, id, vector.line);
  }

  return {
    memory,
    matching(terms, limit, range) {
      if (terms.length === 0) return [];
      const any = matchAny(terms);
      return (range ? matchWithin.all(any, range.from, range.to, limit) : match.all(any, limit)).map(storedChunk);
    },
    newest: (limit, { from, to }) => newest.all(from, to, limit).map(storedChunk),
    byIds: (ids) => ofIds.all(JSON.stringify(ids)).map(storedChunk),
    frequencies(terms) {
      const now = size();
      if (Math.abs(now - countedAt) > countedAt / 50) {
        common.clear();
        countedAt = now;
      }
      return new Map(terms.map((term) => [term, frequencyOf(term)] as const).filter(([, count]) => count > 0));
    },
    size,
    lastOfSession(session, outside) {
      const row = last.get(session, Number(outside));
      return row && sessionChunk(row);
    },
    beginningFrom: (session, outside, entry) =>
      beginningFrom.all(session, Number(outside), entry).map(({ id }) => Number(id)),
    ofEntry: (session, entry) => holding.all(session, entry, entry).map(sessionChunk),
    replace(gone, added) {
      transactions.run(() => {
        for (const id of gone) {
          orphan.run(id);
          remove.run(id);
          removeText.run(id);
        }
        for (const chunk of added) add(chunk);
        if (gone.length > 0) forget.run(memory);
      });
    },
    ofDay: (day) => ofDay.all(day).map(({ id }) => Number(id)),
  };
}

function storedChunk(row: Record<string, unknown>): StoredChunk {
  const { id, session, day, lines } = row as never;
  return { id, session: session ?? undefined, day: day ?? undefined, lines: JSON.parse(lines) };
}

function sessionChunk(row: Record<string, unknown>): SessionChunk {
  const { id, first, last, next, outside } = row as never;
  return { id, first, last, next: next ?? undefined, outside: outside === 1 };
}
