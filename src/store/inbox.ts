import type { DatabaseSync } from "node:sqlite";
import type { Origin } from "../origin.ts";

/** What arrived and is not yet answered. A row is done when its answer is in the outbox. */
export interface Inbox {
  /** Writes a message down before anything else happens to it. Undefined when it was known already. */
  add(message: NewMessage): number | undefined;
  /** What is not done, oldest first. */
  open(channel: string): InboxRow[];
  /** The run that works on these rows. */
  assign(ids: readonly number[], run: number): void;
  done(ids: readonly number[]): void;
}

export interface NewMessage {
  channel: string;
  agent: string;
  /** Unique for this channel and agent: a Matrix event id. */
  event: string;
  conversation: string;
  sender: string;
  origin: Origin;
  text: string;
  at: Date;
}

export interface InboxRow extends NewMessage {
  id: number;
  run: number | undefined;
}

export function createInbox(database: DatabaseSync, now: () => Date): Inbox {
  const insert = database.prepare(
    "INSERT INTO inbox (channel, agent, event, conversation, sender, origin, text, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const open = database.prepare("SELECT * FROM inbox WHERE channel = ? AND done_at IS NULL ORDER BY id");
  const assign = database.prepare("UPDATE inbox SET run = ? WHERE id = ?");
  const done = database.prepare("UPDATE inbox SET done_at = ? WHERE id = ? AND done_at IS NULL");

  return {
    add({ channel, agent, event, conversation, sender, origin, text, at }) {
      const result = insert.run(channel, agent, event, conversation, sender, origin, text, at.getTime());
      return result.changes === 0 ? undefined : Number(result.lastInsertRowid);
    },
    open: (channel) => open.all(channel).map(inboxRow),
    assign(ids, run) {
      for (const id of ids) assign.run(run, id);
    },
    done(ids) {
      for (const id of ids) done.run(now().getTime(), id);
    },
  };
}

function inboxRow(row: Record<string, unknown>): InboxRow {
  const { id, channel, agent, event, conversation, sender, origin, text, at, run } = row as never;
  return { id, channel, agent, event, conversation, sender, origin, text, at: new Date(at), run: run ?? undefined };
}
