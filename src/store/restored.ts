import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * To be done once to a memtrix.db that comes from a backup, before it is used: what was about to leave when the backup was
 * made has left meanwhile, or not. Each such row is taken as tried, so that it is looked for before it is sent.
 */
export function prepareRestoredDatabase(directory: string): void {
  const path = join(directory, "memtrix.db");
  if (!existsSync(path)) return;
  using database = new DatabaseSync(path);
  const hasOutbox = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'outbox'").get() !== undefined;
  if (!hasOutbox) return;
  const columns = database.prepare("PRAGMA table_info(outbox)").all();
  if (!columns.some(({ name }) => name === "first_tried_at")) return;
  database.exec("UPDATE outbox SET first_tried_at = at WHERE sent_at IS NULL AND first_tried_at IS NULL");
}
