import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createTransactions, type Transactions } from "./transactions.ts";

/**
 * Collections of vectors, each vector under an id and as a code of whoever puts it there. They have a file of their own,
 * `vectors.db`: all that is in it can be made anew, so that it is in no copy of memtrix.db, and its damage is not that one's.
 */
export interface Vectors extends Disposable {
  /** Makes the collection when it is not there. @throws when it is there with another dimension. */
  open(name: string, dimension: number): VectorRows;
  names(): string[];
  /** Takes at most `limit` vectors out of it, and the collection itself with the last; false when there is more to take. */
  drop(name: string, limit: number): boolean;
}

/**
 * One collection. A row is a number that stays with an id as long as it is there: from 1 on, and from `firstPart` on for
 * what is a part of something else.
 */
export interface VectorRows {
  /** All of them or none; gives their rows. */
  put(items: readonly { id: string; code: Uint8Array; isPart: boolean }[]): number[];
  /** Gives the rows of those that were there. */
  delete(ids: readonly string[]): number[];
  /** Which of these are there. */
  has(ids: readonly string[]): Set<string>;
  /** Those that are there, in no order. */
  ofIds(ids: readonly string[]): VectorRow[];
  ofRows(rows: readonly number[]): VectorRow[];
  /** In the order of their rows, those after `row`; no parts. */
  after(row: number, limit: number): Omit<VectorRow, "id">[];
  /** In the order of the ids, those after `id`. */
  idsAfter(id: string, limit: number): string[];
  /** How many there are with rows from one to before another. */
  count(from: number, to: number): number;
  /** The largest of what is no part; 0 when there is none. */
  lastRow(): number;
  /** The largest of the parts; 0 when there is none. */
  lastPart(): number;
}

export interface VectorRow {
  row: number;
  id: string;
  code: Uint8Array;
}

export const firstPart = 2 ** 31;

const version = 1;
const tables = `
  CREATE TABLE collection (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    dimension INTEGER NOT NULL
  );
  CREATE TABLE vector (
    row INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL REFERENCES collection (id),
    id TEXT NOT NULL,
    UNIQUE (collection, id)
  );
  CREATE TABLE code (
    row INTEGER PRIMARY KEY,
    code BLOB NOT NULL
  );
  PRAGMA user_version = ${version};
`;

/** The rows of a collection are beside each other, so that they are read and removed without a search for them. */
const rowsPerCollection = 2 ** 32;

/** A file of another version of this program is begun anew. @throws when the file is damaged: `isDamaged`. */
export function openVectors(directory: string): Vectors {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, "vectors.db");
  const database = new DatabaseSync(path);
  try {
    chmodSync(path, 0o600);
    // Codes are a kilobyte each: of 4 KB pages a fifth would stay empty. The log is checkpointed every 2 MB. Pages are
    // read here and there: 16 MB of them are kept, so that where the ids stand is not read each time.
    database.exec(`
      PRAGMA page_size = 16384;
      PRAGMA cache_size = -16000;
      PRAGMA journal_mode = WAL;
      PRAGMA wal_autocheckpoint = 128;
      PRAGMA synchronous = FULL;
      PRAGMA busy_timeout = 5000;
      PRAGMA secure_delete = ON;
    `);
    const found = Number(database.prepare("PRAGMA user_version").get()?.user_version);
    if (found !== 0 && found !== version) {
      database.close();
      removeVectors(directory);
      return openVectors(directory);
    }
    const transactions = createTransactions(database);
    if (found === 0) transactions.run(() => database.exec(tables));
    return createVectors(database, transactions);
  } catch (error) {
    if (database.isOpen) database.close();
    throw error;
  }
}

/** Deletes the file; nobody may have it open. */
export function removeVectors(directory: string): void {
  for (const end of ["", "-wal", "-shm"]) rmSync(join(directory, `vectors.db${end}`), { force: true });
}

/** Whether the error says that the file can no longer be read. */
export function isDamaged(error: unknown): boolean {
  const sqliteCorrupt = 11;
  const sqliteNotADatabase = 26;
  const code = ((error as { errcode?: number } | undefined)?.errcode ?? 0) & 0xff;
  return code === sqliteCorrupt || code === sqliteNotADatabase;
}

function createVectors(database: DatabaseSync, transactions: Transactions): Vectors {
  const find = database.prepare("SELECT id, dimension FROM collection WHERE name = ?");
  const insert = database.prepare("INSERT INTO collection (name, dimension) VALUES (?, ?)");
  const remove = database.prepare("DELETE FROM collection WHERE id = ?");
  const names = database.prepare("SELECT name FROM collection ORDER BY id");
  const some = "row IN (SELECT row FROM vector WHERE row >= ? AND row < ? ORDER BY row LIMIT ?)";
  const removeCodes = database.prepare(`DELETE FROM code WHERE ${some}`);
  const removeVectors = database.prepare(`DELETE FROM vector WHERE ${some}`);

  return {
    open(name, dimension) {
      const known = find.get(name);
      if (known && known.dimension !== dimension)
        throw new Error(`The vectors of ${name} have ${known.dimension} dimensions, not ${dimension}.`);
      return createRows(database, transactions, Number(known?.id ?? insert.run(name, dimension).lastInsertRowid));
    },
    names: () => names.all().map((row) => String(row.name)),
    drop(name, limit) {
      const known = find.get(name);
      if (!known) return true;
      const id = Number(known.id);
      const isDone = transactions.run(() => {
        const range = [id * rowsPerCollection, (id + 1) * rowsPerCollection, limit] as const;
        removeCodes.run(...range);
        if (Number(removeVectors.run(...range).changes) === limit) return false;
        remove.run(id);
        return true;
      });
      // What was taken out is overwritten in the file; the log of writes has it as well.
      if (isDone) database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      return isDone;
    },
    [Symbol.dispose]() {
      if (database.isOpen) database.close();
    },
  };
}

function createRows(database: DatabaseSync, transactions: Transactions, collection: number): VectorRows {
  const base = collection * rowsPerCollection;
  const find = database.prepare("SELECT row FROM vector WHERE collection = ? AND id = ?");
  const last = database.prepare("SELECT max(row) AS row FROM vector WHERE row >= ? AND row < ?");
  const insert = database.prepare("INSERT INTO vector (row, collection, id) VALUES (?, ?, ?)");
  const putCode = database.prepare(
    "INSERT INTO code (row, code) VALUES (?, ?) ON CONFLICT DO UPDATE SET code = excluded.code",
  );
  const remove = database.prepare("DELETE FROM vector WHERE row = ?");
  const removeCode = database.prepare("DELETE FROM code WHERE row = ?");
  const ofRows = database.prepare(
    `SELECT row - ${base} AS row, vector.id, code FROM json_each(?) CROSS JOIN vector ON row = value + ${base} JOIN code USING (row)`,
  );
  const ofIds = database.prepare(
    `SELECT row - ${base} AS row, vector.id, code
     FROM json_each(?) CROSS JOIN vector ON collection = ${collection} AND vector.id = value JOIN code USING (row)`,
  );
  const after = database.prepare(
    `SELECT row - ${base} AS row, code FROM code WHERE row > ? AND row < ${base + firstPart} ORDER BY code.row LIMIT ?`,
  );
  const idsAfter = database.prepare("SELECT id FROM vector WHERE collection = ? AND id > ? ORDER BY id LIMIT ?");
  const count = database.prepare("SELECT count(*) AS count FROM vector WHERE row >= ? AND row < ?");

  const rowOf = (id: string): number | undefined => {
    const found = find.get(collection, id);
    return found && Number(found.row) - base;
  };
  const lastOf = (from: number, to: number): number => Number(last.get(base + from, base + to)?.row ?? base) - base;
  const lastRow = (): number => lastOf(0, firstPart);
  const lastPart = (): number => lastOf(firstPart, rowsPerCollection);

  return {
    lastRow,
    lastPart,
    put: (items) =>
      transactions.run(() => {
        let [next, nextPart] = [lastRow() + 1, Math.max(firstPart, lastPart() + 1)];
        return items.map(({ id, code, isPart }) => {
          const known = rowOf(id);
          const row = known ?? (isPart ? nextPart++ : next++);
          if (known === undefined) insert.run(base + row, collection, id);
          putCode.run(base + row, code);
          return row;
        });
      }),
    delete: (ids) =>
      transactions.run(() =>
        ids.flatMap((id) => {
          const row = rowOf(id);
          if (row === undefined) return [];
          remove.run(base + row);
          removeCode.run(base + row);
          return [row];
        }),
      ),
    has: (ids) => new Set(ids.filter((id) => rowOf(id) !== undefined)),
    ofIds: (ids) => ofIds.all(JSON.stringify(ids)) as unknown as VectorRow[],
    ofRows: (rows) => ofRows.all(JSON.stringify(rows)) as unknown as VectorRow[],
    after: (row, limit) => after.all(base + row, limit) as unknown as VectorRow[],
    idsAfter: (id, limit) => idsAfter.all(collection, id, limit).map((row) => String(row.id)),
    count: (from, to) => Number(count.get(base + from, base + to)?.count),
  };
}
