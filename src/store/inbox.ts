import type { DatabaseSync } from "node:sqlite";
import type { Origin } from "../origin.ts";

/** What arrived and is not yet answered. A row is done when its answer is in the outbox. */
export interface Inbox {
  /** Writes a message down before anything else happens to it. Undefined when it was known already. */
  add(message: NewMessage): number | undefined;
  /** What is not done, oldest first. */
  open(channel: string): InboxRow[];
  /** The row as it stands, done or not. */
  get(id: number): InboxRow | undefined;
  /** The row that an event became, done or not. */
  find(channel: string, agent: string, event: string): InboxRow | undefined;
  /** True when something was said in this conversation before. */
  knows(channel: string, agent: string, conversation: string): boolean;
  /** Other words for a message that no run has taken yet. False when it is too late. */
  edit(id: number, text: string): boolean;
  /** What became of what came with a message. */
  setAttachments(id: number, attachments: readonly unknown[]): void;
  /** The message into which the answer to this row is being streamed, if there is one. */
  setDraft(id: number, event: string | undefined): void;
  /** The run that works on these rows. */
  assign(ids: readonly number[], run: number): void;
  done(ids: readonly number[]): void;
  /** The opposite of done, for what was put aside and is wanted after all. */
  reopen(id: number): void;
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
  /** What the message answers to; kept apart, because others may have written it. */
  quote?: Quote | undefined;
  /** What came with it, in the channel's own terms; plain JSON. */
  attachments?: unknown[] | undefined;
  /** People read along who are neither owners nor allowed. */
  exposed?: boolean | undefined;
}

/** Words of an earlier message, set before the message that is about them. */
export interface Quote {
  /** The channel's ids of the messages that are quoted. */
  events: string[];
  sender: string;
  origin: Origin;
  /** As the model reads it, introduction included. */
  text: string;
}

export interface InboxRow extends NewMessage {
  id: number;
  run: number | undefined;
  draft: string | undefined;
  doneAt: Date | undefined;
}

export function createInbox(database: DatabaseSync, now: () => Date): Inbox {
  const insert = database.prepare(
    `INSERT INTO inbox (channel, agent, event, conversation, sender, origin, text, at, quote, attachments, exposed)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const open = database.prepare("SELECT * FROM inbox WHERE channel = ? AND done_at IS NULL ORDER BY id");
  const get = database.prepare("SELECT * FROM inbox WHERE id = ?");
  const find = database.prepare("SELECT * FROM inbox WHERE channel = ? AND agent = ? AND event = ?");
  const knows = database.prepare(
    "SELECT 1 FROM inbox WHERE channel = ? AND agent = ? AND conversation = ? ORDER BY id LIMIT 1",
  );
  const edit = database.prepare("UPDATE inbox SET text = ? WHERE id = ? AND run IS NULL AND done_at IS NULL");
  const setAttachments = database.prepare("UPDATE inbox SET attachments = ? WHERE id = ?");
  const setDraft = database.prepare("UPDATE inbox SET draft = ? WHERE id = ?");
  const assign = database.prepare("UPDATE inbox SET run = ? WHERE id = ?");
  const done = database.prepare("UPDATE inbox SET done_at = ? WHERE id = ? AND done_at IS NULL");
  const reopen = database.prepare("UPDATE inbox SET done_at = NULL WHERE id = ?");

  return {
    add({ channel, agent, event, conversation, sender, origin, text, at, quote, attachments, exposed }) {
      const result = insert.run(
        ...([channel, agent, event, conversation, sender, origin, text, at.getTime()] as const),
        quote ? JSON.stringify(quote) : null,
        attachments?.length ? JSON.stringify(attachments) : null,
        exposed ? 1 : 0,
      );
      return result.changes === 0 ? undefined : Number(result.lastInsertRowid);
    },
    open: (channel) => open.all(channel).map(inboxRow),
    get(id) {
      const row = get.get(id);
      return row && inboxRow(row);
    },
    find(channel, agent, event) {
      const row = find.get(channel, agent, event);
      return row && inboxRow(row);
    },
    knows: (channel, agent, conversation) => knows.get(channel, agent, conversation) !== undefined,
    edit: (id, text) => Number(edit.run(text, id).changes) > 0,
    setAttachments: (id, attachments) => void setAttachments.run(JSON.stringify(attachments), id),
    setDraft: (id, event) => void setDraft.run(event ?? null, id),
    assign(ids, run) {
      for (const id of ids) assign.run(run, id);
    },
    done(ids) {
      for (const id of ids) done.run(now().getTime(), id);
    },
    reopen: (id) => void reopen.run(id),
  };
}

function inboxRow(row: Record<string, unknown>): InboxRow {
  const { id, channel, agent, event, conversation, sender, origin, text, at, run, draft, exposed } = row as never;
  const { quote, attachments, done_at } = row as never;
  return {
    ...{ id, channel, agent, event, conversation, sender, origin, text, at: new Date(at) },
    ...{ run: run ?? undefined, draft: draft ?? undefined, doneAt: done_at === null ? undefined : new Date(done_at) },
    ...(quote === null ? {} : { quote: JSON.parse(quote) }),
    ...(attachments === null ? {} : { attachments: JSON.parse(attachments) }),
    ...(exposed === 1 ? { exposed: true } : {}),
  };
}
