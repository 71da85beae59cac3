import { backup, DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { ConfigError } from "../errors.ts";

/** A database as it was at one instant. */
export interface FrozenDatabase {
  /** Writes it there, as one file that was checked. */
  writeTo(path: string): Promise<void>;
}

/** They can be written for as long as this is not disposed of. */
export interface Frozen extends Disposable {
  /** In the order of their places. */
  databases: FrozenDatabase[];
}

/** So long each database is waited for while others are held: whoever writes must not wait long. */
const holdMs = 20;
const mostAttempts = 500;
const pagesAtOnce = 1_000;

/**
 * Freezes several SQLite databases at the same instant, whoever uses them meanwhile: while none of them can be written
 * a read transaction is begun on each. So what is in one of them (a message is answered) fits what is in another (its
 * key). Writers wait for milliseconds; afterwards they go on, and the read transactions see nothing of it.
 */
export async function freeze(places: readonly string[]): Promise<Frozen> {
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const frozen = tryToFreeze(places);
    if (frozen) return frozen;
    await sleep(5 + Math.random() * 20);
  }
  throw new ConfigError("The databases are being written to without a pause: try again in a moment.");
}

function tryToFreeze(places: readonly string[]): Frozen | undefined {
  using held = new DisposableStack();
  using reading = new DisposableStack();
  for (const place of places) {
    const database = new DatabaseSync(place);
    held.defer(() => database.close());
    try {
      database.exec(`PRAGMA busy_timeout = ${holdMs}; BEGIN IMMEDIATE`);
    } catch (error) {
      if (isBusy(error)) return undefined;
      throw cannotBeRead(place, error);
    }
  }
  const databases = places.map((place) => {
    const database = new DatabaseSync(place, { readOnly: true });
    reading.defer(() => database.close());
    database.exec("BEGIN");
    // The transaction begins with the first look.
    database.prepare("SELECT count(*) FROM sqlite_schema").get();
    return frozenDatabase(place, database);
  });
  const open = reading.move();
  return { databases, [Symbol.dispose]: () => open.dispose() };
}

function frozenDatabase(place: string, database: DatabaseSync): FrozenDatabase {
  return {
    async writeTo(path) {
      try {
        await backup(database, path, { rate: pagesAtOnce });
      } catch (error) {
        throw cannotBeRead(place, error);
      }
      using copy = new DatabaseSync(path);
      const { integrity_check: found } = copy.prepare("PRAGMA integrity_check(1)").get() as { integrity_check: string };
      if (found !== "ok") throw cannotBeRead(place, new Error(found));
      // One file, without a log beside it.
      copy.exec("PRAGMA journal_mode = DELETE");
    },
  };
}

function isBusy(error: unknown): boolean {
  const sqliteBusy = 5;
  return ((error as { errcode?: number }).errcode ?? 0) % 256 === sqliteBusy;
}

function cannotBeRead(place: string, cause: unknown): unknown {
  const code = ((cause as { errcode?: number }).errcode ?? 11) & 0xff;
  const [sqliteCorrupt, sqliteNotADatabase] = [11, 26];
  if (code !== sqliteCorrupt && code !== sqliteNotADatabase) return cause;
  return new ConfigError(`${place} is damaged, and no backup is made of what is damaged: nothing was written.`, {
    cause,
  });
}
