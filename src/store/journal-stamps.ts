import type { DatabaseSync } from "node:sqlite";

/** Which journals of one agent are indexed: day → the stamp of the file as it was then. */
export interface JournalStamps {
  all(): Map<string, string>;
  /** Undefined when the file is gone. */
  set(day: string, stamp: string | undefined): void;
}

export function createJournalStamps(database: DatabaseSync, agent: string): JournalStamps {
  const all = database.prepare("SELECT day, stamp FROM journal WHERE agent = ?");
  const set = database.prepare(
    "INSERT INTO journal (agent, day, stamp) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET stamp = excluded.stamp",
  );
  const remove = database.prepare("DELETE FROM journal WHERE agent = ? AND day = ?");
  return {
    all: () => new Map(all.all(agent).map(({ day, stamp }) => [String(day), String(stamp)])),
    set(day, stamp) {
      if (stamp === undefined) remove.run(agent, day);
      else set.run(agent, day, stamp);
    },
  };
}
