import type { DatabaseSync } from "node:sqlite";

/** What was switched in chat and must hold after a restart; over the config. The scope is an agent or a conversation. */
export interface Settings {
  get(scope: string, name: string): string | undefined;
  set(scope: string, name: string, value: string): void;
  delete(scope: string, name: string): void;
}

export function createSettings(database: DatabaseSync): Settings {
  const get = database.prepare("SELECT value FROM setting WHERE scope = ? AND name = ?");
  const set = database.prepare(
    "INSERT INTO setting (scope, name, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
  );
  const remove = database.prepare("DELETE FROM setting WHERE scope = ? AND name = ?");
  return {
    get: (scope, name) => get.get(scope, name)?.value as string | undefined,
    set: (scope, name, value) => void set.run(scope, name, value),
    delete: (scope, name) => void remove.run(scope, name),
  };
}
