import type { DatabaseSync } from "node:sqlite";
import type { ChunkLine, ChunkRange } from "./chunks.ts";
import type { Transactions } from "./transactions.ts";

/** Which chunks, and lines of chunks, have their vectors in which collection. The vectors themselves lie elsewhere. */
export interface ChunkVectors {
  /** Some that are not in this collection yet. A chunk that still grows is passed over until it has been quiet since `quietSince`. */
  waiting(collection: string, quietSince: number, limit: number): WaitingVector[];
  /** How many there are of those. */
  countWaiting(collection: string, quietSince: number): number;
  /** These are in the collection now. */
  mark(collection: string, keys: readonly string[]): void;
  /** Of so many that are marked to be in this collection, those after `after`, only these are. Gives the last; undefined at the end. */
  unmarkOthers(collection: string, keys: ReadonlySet<string>, after: string, limit: number): string | undefined;
  countIn(collection: string): number;
  /** How many of so many there are after the key `after`, and which is the last; undefined at the end. */
  countSome(collection: string, after: string, limit: number): { count: number; last: string | undefined };
  /** Some whose chunks are gone. */
  gone(limit: number): string[];
  forget(keys: readonly string[]): void;
  /** Where a vector leads: the chunk, and the line of it or -1. */
  place(key: string): VectorPlace | undefined;
  /** Those of the lines of these chunks, and where they lead. */
  ofLines(collection: string, chunks: readonly number[]): (VectorPlace & { key: string })[];
  /** Those of the chunks of a range of time; undefined when there are more than `most`. */
  within(range: ChunkRange, most: number): string[] | undefined;
  /** So many of a collection, by the order of their keys: as good as by chance, and the same each time. */
  sample(collection: string, size: number): string[];
}

export interface VectorPlace {
  chunk: number;
  line: number;
}

export interface WaitingVector {
  key: string;
  /** It is that of one line. */
  isPart: boolean;
  lines: ChunkLine[];
}

export function createChunkVectors(database: DatabaseSync, transactions: Transactions, memory: number): ChunkVectors {
  // Three ways into the index, so that those which are there already are not looked at.
  const elsewhere = ["collection IS NULL", "collection < ?1", "collection > ?1"];
  const notYet = elsewhere
    .map(
      (where) => `SELECT chunk_vector.key, line, lines FROM chunk_vector INDEXED BY chunk_vector_by_collection
          CROSS JOIN chunk ON chunk.id = chunk_vector.chunk
          WHERE memory = ${memory} AND ${where} AND (line >= 0 OR next IS NOT NULL OR day IS NOT NULL OR ends_at < ?2)`,
    )
    .join(" UNION ALL ");
  const waiting = database.prepare(`${notYet} LIMIT ?3`);
  // All that are elsewhere, without those that are to go, or still grow: what is there already is not looked at.
  const countElsewhere = elsewhere
    .map(
      (where) =>
        `SELECT count(*) AS n FROM chunk_vector INDEXED BY chunk_vector_by_collection WHERE memory = ${memory} AND ${where}`,
    )
    .join(" UNION ALL ");
  const countWaiting = database.prepare(
    `SELECT (SELECT sum(n) FROM (${countElsewhere}))
      - (SELECT count(*) FROM chunk_vector WHERE memory = ${memory} AND chunk IS NULL AND collection IS NOT ?1)
      - (SELECT count(*) FROM chunk JOIN chunk_vector ON chunk_vector.chunk = chunk.id
         WHERE ends_at >= ?2 AND next IS NULL AND day IS NULL AND memory = ${memory} AND line = -1
           AND collection IS NOT ?1) AS n`,
  );
  const mark = database.prepare(`UPDATE chunk_vector SET collection = ? WHERE memory = ${memory} AND key = ?`);
  const marked = database.prepare(
    `SELECT key FROM chunk_vector WHERE memory = ${memory} AND collection = ? AND key > ? ORDER BY key LIMIT ?`,
  );
  const countIn = database.prepare(
    `SELECT count(*) AS n FROM chunk_vector WHERE memory = ${memory} AND collection = ?`,
  );
  const countSome = database.prepare(
    `SELECT count(*) AS count, max(key) AS last FROM
       (SELECT key FROM chunk_vector WHERE memory = ${memory} AND collection = ? AND key > ? ORDER BY key LIMIT ?)`,
  );
  const gone = database.prepare(`SELECT key FROM chunk_vector WHERE memory = ${memory} AND chunk IS NULL LIMIT ?`);
  const forget = database.prepare(`DELETE FROM chunk_vector WHERE memory = ${memory} AND key = ? AND chunk IS NULL`);
  const place = database.prepare(
    `SELECT chunk, line FROM chunk_vector WHERE memory = ${memory} AND key = ? AND chunk IS NOT NULL`,
  );
  const ofLines = database.prepare(
    `SELECT chunk_vector.key, chunk, line FROM json_each(?) CROSS JOIN chunk_vector ON chunk = value
     WHERE memory = ${memory} AND line >= 0 AND collection = ?`,
  );
  const within = database.prepare(
    `SELECT chunk_vector.key FROM chunk JOIN chunk_vector ON chunk_vector.chunk = chunk.id
     WHERE memory = ${memory} AND line = -1 AND ends_at >= ? AND begins_at < ? LIMIT ?`,
  );
  const sample = database.prepare(
    `SELECT key FROM chunk_vector WHERE memory = ${memory} AND collection = ? ORDER BY key LIMIT ?`,
  );
  const keysOf = (rows: readonly Record<string, unknown>[]): string[] => rows.map(({ key }) => String(key));

  return {
    waiting: (collection, quietSince, limit) =>
      waiting.all(collection, quietSince, limit).map((row) => {
        const { key, line, lines } = row as never;
        const all: ChunkLine[] = JSON.parse(lines);
        const isPart = line !== -1;
        return { key, isPart, lines: isPart ? all.slice(line, line + 1) : all };
      }),
    countWaiting: (collection, quietSince) => Number(countWaiting.get(collection, quietSince)?.n),
    mark(collection, keys) {
      transactions.runUnhurried(() => {
        for (const key of keys) mark.run(collection, key);
      });
    },
    unmarkOthers(collection, keys, after, limit) {
      const some = keysOf(marked.all(collection, after, limit));
      transactions.runUnhurried(() => {
        for (const key of some) if (!keys.has(key)) mark.run(null, key);
      });
      return some.at(-1);
    },
    countIn: (collection) => Number(countIn.get(collection)?.n),
    countSome(collection, after, limit) {
      const { count, last } = countSome.get(collection, after, limit) as { count: number; last: string | null };
      return { count, last: last ?? undefined };
    },
    gone: (limit) => keysOf(gone.all(limit)),
    forget(keys) {
      transactions.runUnhurried(() => {
        for (const key of keys) forget.run(key);
      });
    },
    place(key) {
      const row = place.get(key);
      return row && { chunk: Number(row.chunk), line: Number(row.line) };
    },
    ofLines: (collection, chunks) =>
      ofLines.all(JSON.stringify(chunks), collection) as unknown as (VectorPlace & { key: string })[],
    within({ from, to }, most) {
      const keys = keysOf(within.all(from, to, most + 1));
      return keys.length > most ? undefined : keys;
    },
    sample: (collection, size) => keysOf(sample.all(collection, size)),
  };
}
