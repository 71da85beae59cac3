import type { DatabaseSync } from "node:sqlite";
import type { Transactions } from "./transactions.ts";

/** Collections of vectors, each vector under an id and as a code of whoever puts it there. */
export interface Vectors {
  /** Makes the collection when it is not there. @throws when it is there with another dimension. */
  open(name: string, dimension: number): VectorRows;
  names(): string[];
  /** Takes at most `limit` vectors out of it, and the collection itself with the last; false when there is more to take. */
  drop(name: string, limit: number): boolean;
}

/** One collection. Rows are numbers that stay with an id as long as it is there. */
export interface VectorRows {
  /** All of them or none; gives their rows. */
  put(items: readonly { id: string; code: Uint8Array }[]): number[];
  /** Gives the rows of those that were there. */
  delete(ids: readonly string[]): number[];
  /** The rows of those that are there. */
  rowsOf(ids: readonly string[]): Map<string, number>;
  idOf(row: number): string | undefined;
  codeOf(row: number): Uint8Array | undefined;
  /** In the order of their rows, those after `row`. */
  codesAfter(row: number, limit: number): { row: number; code: Uint8Array }[];
  /** In the order of the ids, those after `id`. */
  idsAfter(id: string, limit: number): string[];
  count(): number;
}

/** The rows of a collection are beside each other, so that they are read and removed without a search for them. */
const rowsPerCollection = 2 ** 32;

export function createVectors(database: DatabaseSync, transactions: Transactions): Vectors {
  const findCollection = database.prepare("SELECT id, dimension FROM vector_collection WHERE name = ?");
  const insertCollection = database.prepare("INSERT INTO vector_collection (name, dimension) VALUES (?, ?)");
  const removeCollection = database.prepare("DELETE FROM vector_collection WHERE id = ?");
  const names = database.prepare("SELECT name FROM vector_collection ORDER BY id");
  const removeCodes = database.prepare(
    "DELETE FROM vector_code WHERE row IN (SELECT row FROM vector WHERE row >= ? AND row < ? ORDER BY row LIMIT ?)",
  );
  const removeVectors = database.prepare(
    "DELETE FROM vector WHERE row IN (SELECT row FROM vector WHERE row >= ? AND row < ? ORDER BY row LIMIT ?)",
  );

  return {
    open(name, dimension) {
      const known = findCollection.get(name);
      if (known && known.dimension !== dimension)
        throw new Error(`The vectors of ${name} have ${known.dimension} dimensions, not ${dimension}.`);
      return openRows(
        database,
        transactions,
        Number(known ? known.id : insertCollection.run(name, dimension).lastInsertRowid),
      );
    },
    names: () => names.all().map((row) => String(row.name)),
    drop(name, limit) {
      const known = findCollection.get(name);
      if (!known) return true;
      const id = Number(known.id);
      const range = [id * rowsPerCollection, (id + 1) * rowsPerCollection] as const;
      return transactions.run(() => {
        removeCodes.run(...range, limit);
        if (removeVectors.run(...range, limit).changes === limit) return false;
        removeCollection.run(id);
        return true;
      });
    },
  };
}

function openRows(database: DatabaseSync, transactions: Transactions, collection: number): VectorRows {
  const first = collection * rowsPerCollection;
  const end = first + rowsPerCollection;
  const find = database.prepare("SELECT row FROM vector WHERE collection = ? AND id = ?");
  const last = database.prepare("SELECT max(row) AS row FROM vector WHERE row >= ? AND row < ?");
  const insert = database.prepare("INSERT INTO vector (row, collection, id) VALUES (?, ?, ?)");
  const putCode = database.prepare(
    "INSERT INTO vector_code (row, code) VALUES (?, ?) ON CONFLICT DO UPDATE SET code = excluded.code",
  );
  const remove = database.prepare("DELETE FROM vector WHERE row = ?");
  const removeCode = database.prepare("DELETE FROM vector_code WHERE row = ?");
  const idOf = database.prepare("SELECT id FROM vector WHERE row = ?");
  const codeOf = database.prepare("SELECT code FROM vector_code WHERE row = ?");
  const codesAfter = database.prepare(
    "SELECT row, code FROM vector_code WHERE row > ? AND row < ? ORDER BY row LIMIT ?",
  );
  const idsAfter = database.prepare("SELECT id FROM vector WHERE collection = ? AND id > ? ORDER BY id LIMIT ?");
  const count = database.prepare("SELECT count(*) AS count FROM vector WHERE row >= ? AND row < ?");

  const rowOf = (id: string): number | undefined => find.get(collection, id)?.row as number | undefined;

  return {
    put: (items) =>
      transactions.run(() => {
        let next = ((last.get(first, end)?.row as number | null) ?? first) + 1;
        return items.map(({ id, code }) => {
          const known = rowOf(id);
          const row = known ?? next++;
          if (known === undefined) insert.run(row, collection, id);
          putCode.run(row, code);
          return row;
        });
      }),
    delete: (ids) =>
      transactions.run(() =>
        ids.flatMap((id) => {
          const row = rowOf(id);
          if (row === undefined) return [];
          remove.run(row);
          removeCode.run(row);
          return [row];
        }),
      ),
    rowsOf: (ids) =>
      new Map(
        ids.flatMap((id): [string, number][] => {
          const row = rowOf(id);
          return row === undefined ? [] : [[id, row]];
        }),
      ),
    idOf: (row) => idOf.get(row)?.id as string | undefined,
    codeOf: (row) => codeOf.get(row)?.code as Uint8Array | undefined,
    codesAfter: (row, limit) => codesAfter.all(Math.max(row, first), end, limit) as never,
    idsAfter: (id, limit) => idsAfter.all(collection, id, limit).map((row) => String(row.id)),
    count: () => Number(count.get(first, end)?.count),
  };
}
