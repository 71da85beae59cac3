import type { DatabaseSync } from "node:sqlite";
import type { Origin } from "../origin.ts";

/** Where the content of an agent's files comes from, kept outside the workspace. */
export interface FileOrigins {
  get(path: string): Origin | undefined;
  set(path: string, origin: Origin): void;
  /** Forgets the mark of a file, or of all that stands below a folder. */
  delete(path: string): void;
}

export function createFileOrigins(database: DatabaseSync, agent: string): FileOrigins {
  const get = database.prepare("SELECT origin FROM file_origin WHERE agent = ? AND path = ?");
  const set = database.prepare(
    "INSERT INTO file_origin (agent, path, origin) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET origin = excluded.origin",
  );
  // `0` follows `/`: the range holds every path that begins with the folder's name and a slash.
  const remove = database.prepare("DELETE FROM file_origin WHERE agent = ? AND (path = ? OR (path > ? AND path < ?))");
  return {
    get: (path) => get.get(agent, path)?.origin as Origin | undefined,
    set: (path, origin) => void set.run(agent, path, origin),
    delete: (path) => void remove.run(agent, path, `${path}/`, `${path}0`),
  };
}
