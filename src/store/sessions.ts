import type { DatabaseSync } from "node:sqlite";

/** What was said in one conversation with one agent since the last `/clear`. */
export interface Session {
  id: number;
  agent: string;
  conversation: string;
  /** The log entry at which the model's view of it begins. */
  viewFrom: number;
}

export interface Sessions {
  /** The session under way here; a new one when there is none. */
  current(agent: string, conversation: string): Session;
  /** One that exists, by its id. */
  get(id: number): Session;
  /** Begins a new one here. The old one stays in the log. */
  begin(agent: string, conversation: string): Session;
  /** Moves the beginning of the view; what is before it stays in the log. */
  setViewFrom(session: Session, entry: number): void;
}

export function createSessions(database: DatabaseSync, now: () => Date): Sessions {
  const find = database.prepare("SELECT * FROM session WHERE id = ?");
  const newest = database.prepare(
    "SELECT * FROM session WHERE agent = ? AND conversation = ? ORDER BY id DESC LIMIT 1",
  );
  const insert = database.prepare("INSERT INTO session (agent, conversation, started_at) VALUES (?, ?, ?)");
  const setViewFrom = database.prepare("UPDATE session SET view_from = ? WHERE id = ?");

  const begin = (agent: string, conversation: string): Session => {
    const { lastInsertRowid } = insert.run(agent, conversation, now().getTime());
    return { id: Number(lastInsertRowid), agent, conversation, viewFrom: 0 };
  };
  return {
    current(agent, conversation) {
      const row = newest.get(agent, conversation);
      if (!row) return begin(agent, conversation);
      return sessionOf(row);
    },
    get(id) {
      const row = find.get(id);
      if (!row) throw new Error(`There is no session ${id}.`);
      return sessionOf(row);
    },
    begin,
    setViewFrom(session, entry) {
      session.viewFrom = entry;
      setViewFrom.run(entry, session.id);
    },
  };
}

function sessionOf(row: Record<string, unknown>): Session {
  const { id, agent, conversation, view_from: viewFrom } = row as never;
  return { id, agent, conversation, viewFrom };
}
