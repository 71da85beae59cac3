import { createHash } from "node:crypto";
import { chmodSync, globSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { ConfigError, messageOf } from "../../errors.ts";
import { takeOwnerLock } from "../../store/owner-lock.ts";

/** The SQLite file of one Matrix device: its keys and how far it has read. */
export interface DeviceDatabase extends Disposable {
  database: DatabaseSync;
  /** Where it is, for sentences about it. */
  folder: string;
  /** Runs `work` as one SQLite transaction, which is on the disk when this returns. */
  transact<T>(work: () => T): T;
  /** What to throw when stored data turns out to be other than what was written; `what` says it in a few words. */
  damaged(what: string): ConfigError;
}

const schema = `
  CREATE TABLE layout (database TEXT PRIMARY KEY, layout TEXT NOT NULL, checksum INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE record (
    database TEXT NOT NULL, store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (database, store, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE sync (id INTEGER PRIMARY KEY, response TEXT NOT NULL, checksum INTEGER NOT NULL) STRICT;
  CREATE TABLE position (id INTEGER PRIMARY KEY CHECK (id = 1), token TEXT NOT NULL, checksum INTEGER NOT NULL) STRICT;
  CREATE TABLE handed_over (
    id INTEGER PRIMARY KEY, room TEXT NOT NULL, event TEXT NOT NULL, UNIQUE (room, event)
  ) STRICT;
  CREATE TABLE waiting (
    id INTEGER PRIMARY KEY, room TEXT NOT NULL, event TEXT NOT NULL, json TEXT NOT NULL, checksum INTEGER NOT NULL,
    since INTEGER NOT NULL, UNIQUE (room, event)
  ) STRICT;
  CREATE TABLE opened (
    session TEXT NOT NULL, number INTEGER NOT NULL, event TEXT NOT NULL, PRIMARY KEY (session, number)
  ) STRICT, WITHOUT ROWID;
  PRAGMA user_version = 1;
`;

/**
 * Opens the file of this user and device in a folder of its own under `directory`, or makes a new one. One process
 * owns it until it is disposed of. What was written survives any end of the process (WAL, `synchronous=FULL`).
 * @throws ConfigError when another process holds it, or when it is damaged; a damaged one is left as it is.
 */
export function openDeviceDatabase(
  directory: string,
  user: string,
  device: string,
  now: () => Date = () => new Date(),
): DeviceDatabase {
  const folder = folderOfDevice(directory, user, device);
  const path = join(folder, "device.db");
  const lock = takeOwnerLock(folder, `the Matrix account ${user}`, now());
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    chmodSync(path, 0o600);
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000");
    // Keys that were used up and words that were taken back are overwritten.
    database.exec("PRAGMA secure_delete = ON");
    checkWhole(database);
    prepare(database, path);
    writeFileSync(join(folder, deviceFile), JSON.stringify({ user, device }), { mode: 0o600 });
    // A long write-ahead log is what a killed process leaves behind.
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return opened(database, folder, lock);
  } catch (error) {
    database?.close();
    lock[Symbol.dispose]();
    throw isDamage(error) ? damaged(path, error) : error;
  }
}

function opened(database: DatabaseSync, folder: string, lock: Disposable): DeviceDatabase {
  return {
    ...{ database, folder },
    damaged: (what) => damaged(join(folder, "device.db"), new Error(what)),
    transact(work) {
      database.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        database.exec("COMMIT");
        return result;
      } catch (error) {
        if (database.isTransaction) database.exec("ROLLBACK");
        throw error;
      }
    },
    [Symbol.dispose]() {
      database.close();
      lock[Symbol.dispose]();
    },
  };
}

function prepare(database: DatabaseSync, path: string): void {
  const { user_version: version } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  if (version === 1) return;
  if (version !== 0) {
    throw new ConfigError(`${path} was written by a newer Memtrix: install the newer one again. Nothing was changed.`);
  }
  database.exec(`BEGIN IMMEDIATE; ${schema} COMMIT`);
}

function checkWhole(database: DatabaseSync): void {
  const { integrity_check: found } = database.prepare("PRAGMA integrity_check(1)").get() as { integrity_check: string };
  if (found !== "ok") throw Object.assign(new Error(found), { errcode: sqliteCorrupt });
}

const sqliteCorrupt = 11;
const sqliteNotADatabase = 26;

function isDamage(error: unknown): boolean {
  const code = ((error as { errcode?: number }).errcode ?? 0) & 0xff;
  return code === sqliteCorrupt || code === sqliteNotADatabase;
}

function damaged(path: string, cause: unknown): ConfigError {
  return new ConfigError(
    `The Matrix keys in ${path} are damaged (${messageOf(cause)}): put back a copy of its folder from a backup, or, when there is none, get a new device with memtrix onboard --relogin --new-device. Nothing was changed.`,
    { cause },
  );
}

/** A name that every file system takes, and that no other user and device has, also where upper and lower case are one. */
const deviceFile = "device.json";
const DeviceNote = z.object({ user: z.string(), device: z.string() });

/** The device of this user that was used here last; undefined when there is none. */
export function deviceOf(directory: string, user: string): string | undefined {
  const notes = globSync(`*/${deviceFile}`, { cwd: directory }).map((path) => join(directory, path));
  const newestFirst = notes.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  return newestFirst.map(noteAt).find((note) => note?.user === user)?.device;
}

/** Removes the keys of every device that this user has had here. No connection of it may be open. */
export function removeDevicesOf(directory: string, user: string): void {
  const begin = readable(`${user}-`);
  for (const name of globSync("*/", { cwd: directory })) {
    if (!name.startsWith(begin)) continue;
    const folder = join(directory, name);
    // A program that was killed at the beginning has left no note, or half of one.
    if ((noteAt(join(folder, deviceFile))?.user ?? user) === user) rmSync(folder, { recursive: true, force: true });
  }
}

/** Undefined where there is none, or half of one. */
function noteAt(path: string): z.infer<typeof DeviceNote> | undefined {
  try {
    return DeviceNote.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined;
  }
}

/** Where the keys of a device are, in the `directory` of all of them. */
export function folderOfDevice(directory: string, user: string, device: string): string {
  const digest = createHash("sha256").update(`${user}\n${device}`).digest("hex").slice(0, 12);
  return join(directory, `${readable(`${user}-${device}`)}-${digest}`);
}

function readable(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9.-]+/g, "_").slice(0, 80);
  return plain.replace(/^[_.]+/, "");
}
