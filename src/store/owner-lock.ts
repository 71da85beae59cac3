import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ConfigError } from "../errors.ts";
import { cannotOpen, sqliteCannotOpen } from "./cannot-open.ts";

/** Another process owns the data. */
export class RunsAlreadyError extends ConfigError {
  override name = "RunsAlreadyError";
  /** Which, in words. */
  readonly holder: string;

  constructor(holder: string, options?: ErrorOptions) {
    super(`Memtrix is running already (${holder}): use it there, or end it first.`, options);
    this.holder = holder;
  }
}

/**
 * Makes this process the one owner of the data in `directory` until it is disposed of or ends, however it ends: the
 * lock is the operating system's (SQLite's own file lock), so a killed owner leaves none behind.
 * @throws RunsAlreadyError that says who holds it.
 */
export function takeOwnerLock(directory: string, holder: string, now: Date): Disposable {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const note = join(directory, "owner");
  const lock = openLock(join(directory, "owner.lock"));
  try {
    lock.exec("PRAGMA busy_timeout = 200; BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    const sqliteBusy = 5;
    if ((error as { errcode?: number }).errcode !== sqliteBusy) throw error;
    throw new RunsAlreadyError(whoHolds(note), { cause: error });
  }
  writeFileSync(note, `${holder}, process ${process.pid}, since ${now.toISOString()}`, { mode: 0o600 });
  return { [Symbol.dispose]: () => lock.close() };
}

function openLock(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path);
  } catch (error) {
    throw (error as { errcode?: number }).errcode === sqliteCannotOpen ? cannotOpen(path, error) : error;
  }
}

function whoHolds(note: string): string {
  try {
    return readFileSync(note, "utf8");
  } catch {
    return "another process";
  }
}
