import { globSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { DeviceDatabase } from "./device-database.ts";

/**
 * A device whose file comes from a backup. Since that was made its keys may have gone on: with others, who hold what these
 * keys do not open, and which must not be used a second time.
 */
export interface RestoredDevice {
  /** When the backup was made. */
  from: Date;
  /** `keys`: they are to be renewed before anything else. `messages`: what was said since is to be dealt with. */
  next: "keys" | "messages";
}

const table =
  "CREATE TABLE IF NOT EXISTS restored (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL, next TEXT NOT NULL) STRICT";

/** To be called once for what a backup had in its folder of devices, before it is used. */
export function markRestored(directory: string, from: Date): void {
  for (const path of globSync("*/device.db", { cwd: directory })) {
    using database = new DatabaseSync(join(directory, path));
    database.exec(table);
    // One that had not dealt with an earlier restoring has still to look back to that one.
    const mark = `INSERT INTO restored (id, at, next) VALUES (1, ?, 'keys')
      ON CONFLICT (id) DO UPDATE SET at = min(at, excluded.at), next = excluded.next`;
    database.prepare(mark).run(from.getTime());
  }
}

/** Undefined for a device that has always been here, and for one that has dealt with its being restored. */
export function restoredDevice({ database }: DeviceDatabase): RestoredDevice | undefined {
  const isThere = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'restored'").get();
  const row = isThere && database.prepare("SELECT at, next FROM restored").get();
  if (!row) return undefined;
  return { from: new Date(Number(row.at)), next: row.next === "keys" ? "keys" : "messages" };
}

/** The messages since the backup are dealt with. */
export function forgetRestored({ database }: DeviceDatabase): void {
  database.exec("DROP TABLE IF EXISTS restored");
}

/**
 * Takes the sessions away with which this device writes: those of rooms for good, those with other devices until
 * `putSessionsBack`. Where there is none a new one is made, which no copy of this device has ever used.
 */
export function takeSessionsAway({ database, transact }: DeviceDatabase): void {
  transact(() =>
    database.exec(`
      CREATE TABLE IF NOT EXISTS session_aside (
        database TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, checksum INTEGER NOT NULL, PRIMARY KEY (database, key)
      ) STRICT, WITHOUT ROWID;
      INSERT OR REPLACE INTO session_aside SELECT database, key, value, checksum FROM record WHERE store = 'session';
      DELETE FROM record WHERE store IN ('session', 'outbound_group_sessions');
    `),
  );
}

/**
 * The sessions from before stand beside the new ones again: what others have written with them can still be read. Where a
 * device has no new one, they are gone for good, for it would be written to with them: the SDK begins one when it can.
 */
export function putSessionsBack({ database, transact }: DeviceDatabase): void {
  transact(() =>
    database.exec(`
      INSERT OR IGNORE INTO record (database, store, key, value, checksum)
        SELECT database, 'session', key, value, checksum FROM session_aside AS old WHERE EXISTS (
          SELECT 1 FROM record AS new WHERE new.database = old.database AND new.store = 'session'
            AND ${otherDevice("new")} = ${otherDevice("old")}
        );
      DROP TABLE session_aside;
      UPDATE restored SET next = 'messages';
    `),
  );
}

/** In SQL: whose session it is. The SDK's name for one is the key of the other device, a separator and the session's id. */
function otherDevice(row: "old" | "new"): string {
  return String.raw`substr(${row}.key, 1, instr(${row}.key, '\u001d'))`;
}
