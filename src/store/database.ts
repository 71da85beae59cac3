import { chmodSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ConfigError } from "../errors.ts";
import { cannotOpen, sqliteCannotOpen } from "./cannot-open.ts";
import { migrations } from "./migrations.ts";
import { createTransactions } from "./transactions.ts";

/**
 * Opens the database file `directory`/memtrix.db, brings its tables to the version of this program, and gives the
 * connection. Every commit is on the disk before it returns (WAL, `synchronous=FULL`).
 * Before an older file is migrated by the `steps` that it lacks, a copy of it is kept beside it.
 * @throws ConfigError when the file comes from a newer version (it is left untouched) or is damaged.
 */
export function openDatabase(directory: string, steps: readonly string[] = migrations): DatabaseSync {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, "memtrix.db");
  refuseUnknown(path, steps.length);

  const database = new DatabaseSync(path);
  try {
    chmodSync(path, 0o600);
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA foreign_keys = ON;
      PRAGMA busy_timeout = 5000;
    `);
    migrate(database, path, steps);
    return database;
  } catch (error) {
    database.close();
    throw damaged(path, error);
  }
}

function migrate(database: DatabaseSync, path: string, steps: readonly string[]): void {
  const version = versionOf(database);
  if (version === steps.length) return;
  if (version > 0) copyBefore(database, path, version);

  createTransactions(database).run(() => {
    for (const statements of steps.slice(version)) database.exec(statements);
    database.exec(`PRAGMA user_version = ${steps.length}`);
  });
}

function copyBefore(database: DatabaseSync, path: string, version: number): void {
  const copy = `${path}.before-v${version + 1}`;
  rmSync(copy, { force: true });
  database.prepare("VACUUM INTO ?").run(copy);
  chmodSync(copy, 0o600);
}

/** Looks without writing: a file that we do not understand stays as it is, to the byte. */
function refuseUnknown(path: string, known: number): void {
  if (!existsSync(path)) return;
  let version: number;
  try {
    using database = new DatabaseSync(path, { readOnly: true });
    version = versionOf(database);
    // Reads the names of all tables: a file that is cut off or overwritten shows here.
    database.prepare("SELECT count(*) FROM sqlite_schema").get();
  } catch (error) {
    throw damaged(path, error);
  }
  if (version <= known) return;
  throw new ConfigError(
    `${basename(path)} was written by a newer Memtrix (its version is ${version}, this program knows ${known}): install the newer one again, or put back the copy ${basename(path)}.before-v${known + 1} that it made.`,
  );
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.user_version);
}

function damaged(path: string, error: unknown): unknown {
  const code = ((error as { errcode?: number }).errcode ?? 0) & 0xff;
  if (code === sqliteCannotOpen) return cannotOpen(path, error);
  const sqliteCorrupt = 11;
  const sqliteNotADatabase = 26;
  if (code !== sqliteCorrupt && code !== sqliteNotADatabase) return error;
  return new ConfigError(
    `${basename(path)} is damaged: put back a copy of it (memtrix.db.before-v…, or your own), or move it away to start anew. Nothing was changed.`,
    { cause: error },
  );
}
