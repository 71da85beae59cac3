import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { OutboundEvent } from "../reply.ts";
import type { Transactions } from "./transactions.ts";

/** What must leave. A row stays until the channel has it delivered; the same row is never sent as two messages. */
export interface Outbox {
  /** Puts the events of one answer in, in order: all of them or none. */
  add(answer: NewAnswer): void;
  /**
   * Takes back the notices that wait for one conversation, save one that is on its way, where at least `crowd` rows of
   * its agent wait; gives how many those were.
   */
  takeBackNotices(of: { channel: string; agent: string; conversation: string }, crowd: number): number;
  /** The row of a conversation that is to leave next: answers first, each kind oldest first. */
  next(of: { channel: string; agent: string; conversation: string }): OutboxRow | undefined;
  /** Where rows of an agent wait: conversations with answers first; of each, how many of its rows are answers. */
  conversations(channel: string, agent: string): { conversation: string; rows: number; answers: number }[];
  /** Rows that wait, oldest first. */
  waiting(channel: string): OutboxRow[];
  /** Notes the first attempt to send a row; later ones change nothing. */
  tried(id: number): void;
  /** The row has reached the person, as the message `eventId` where the channel has ids. */
  sent(id: number, eventId?: string): void;
  /** Puts other events in the place of a row that cannot leave as it is: all of them or none. */
  replace(id: number, events: readonly OutboundEvent[]): void;
  /** The row that became this message. */
  find(channel: string, eventId: string): OutboxRow | undefined;
  /** The row that leaves, or has left, under this transaction. */
  ofTransaction(channel: string, transaction: string): OutboxRow | undefined;
  /** Calls back after rows of this channel were added and stored; the callback must not throw. Returns what ends it. */
  watch(channel: string, onAdded: () => void): () => void;
}

/** `offer`: a notice that a reaction can accept. Answers leave before the others. */
export type OutboxKind = "answer" | "notice" | "offer";

export interface NewAnswer {
  channel: string;
  agent: string;
  conversation: string;
  events: readonly OutboundEvent[];
  /** The inbox rows that this answers. */
  answers: readonly number[];
  /** An answer when left out. */
  kind?: OutboxKind;
}

export interface OutboxRow {
  id: number;
  channel: string;
  agent: string;
  conversation: string;
  kind: OutboxKind;
  /** Fixed for good: the same id again is the same message. */
  transaction: string;
  event: OutboundEvent;
  /** The inbox rows that this answers. */
  answers: number[];
  at: Date;
  firstTriedAt: Date | undefined;
}

export function createOutbox(database: DatabaseSync, transactions: Transactions, now: () => Date): Outbox {
  const watchers = new Set<{ channel: string; onAdded: () => void }>();
  const insert = database.prepare(
    "INSERT INTO outbox (channel, agent, conversation, txn, event, answers, at, kind) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const waiting = database.prepare("SELECT * FROM outbox WHERE channel = ? AND sent_at IS NULL ORDER BY id");
  const next = database.prepare(
    `SELECT * FROM outbox WHERE channel = ? AND agent = ? AND conversation = ? AND sent_at IS NULL
     ORDER BY kind = 'answer' DESC, id LIMIT 1`,
  );
  const conversations = database.prepare(
    `SELECT conversation, count(*) AS rows, sum(kind = 'answer') AS answers FROM outbox
     WHERE channel = ? AND agent = ? AND sent_at IS NULL GROUP BY conversation ORDER BY answers > 0 DESC, min(id)`,
  );
  const count = database.prepare(
    "SELECT count(*) AS rows FROM outbox WHERE channel = ? AND agent = ? AND sent_at IS NULL",
  );
  const takeBack = database.prepare(
    `DELETE FROM outbox WHERE channel = ? AND agent = ? AND conversation = ? AND kind = 'notice'
     AND sent_at IS NULL AND first_tried_at IS NULL`,
  );
  const tried = database.prepare("UPDATE outbox SET first_tried_at = ? WHERE id = ? AND first_tried_at IS NULL");
  const sent = database.prepare("UPDATE outbox SET sent_at = ?, event_id = ? WHERE id = ?");
  const get = database.prepare("SELECT * FROM outbox WHERE id = ? AND sent_at IS NULL");
  const rewrite = database.prepare("UPDATE outbox SET event = ?, txn = ?, first_tried_at = NULL WHERE id = ?");
  const behind = database.prepare(
    "SELECT id FROM outbox WHERE channel = ? AND agent = ? AND conversation = ? AND sent_at IS NULL AND id > ? ORDER BY id",
  );
  const moveToEnd = database.prepare("UPDATE outbox SET id = (SELECT MAX(id) + 1 FROM outbox) WHERE id = ?");
  const find = database.prepare("SELECT * FROM outbox WHERE channel = ? AND event_id = ?");

  const ofTransaction = database.prepare("SELECT * FROM outbox WHERE channel = ? AND txn = ?");

  const announce = (channel: string): void =>
    transactions.afterCommit(() => {
      for (const watcher of watchers) if (watcher.channel === channel) watcher.onAdded();
    });

  return {
    add({ channel, agent, conversation, events, answers, kind = "answer" }) {
      const answered = JSON.stringify(answers);
      const at = now().getTime();
      transactions.run(() => {
        for (const event of events)
          insert.run(channel, agent, conversation, randomUUID(), JSON.stringify(event), answered, at, kind);
        announce(channel);
      });
    },
    takeBackNotices({ channel, agent, conversation }, crowd) {
      if (Number(count.get(channel, agent)?.rows) < crowd) return 0;
      return Number(takeBack.run(channel, agent, conversation).changes);
    },
    next({ channel, agent, conversation }) {
      const row = next.get(channel, agent, conversation);
      return row && outboxRow(row);
    },
    conversations: (channel, agent) => conversations.all(channel, agent) as never,
    waiting: (channel) => waiting.all(channel).map(outboxRow),
    tried: (id) => void tried.run(now().getTime(), id),
    sent: (id, eventId) => void sent.run(now().getTime(), eventId ?? null, id),
    replace(id, events) {
      transactions.run(() => {
        const row = get.get(id);
        const [first, ...more] = events;
        if (!row || !first) return;
        rewrite.run(JSON.stringify(first), randomUUID(), id);
        const { channel, agent, conversation, answers, at, kind } = row as never;
        const added = behind.all(channel, agent, conversation, id) as { id: number }[];
        for (const event of more)
          insert.run(channel, agent, conversation, randomUUID(), JSON.stringify(event), answers, at, kind);
        // What was added meanwhile stays behind what takes the row's place.
        if (more.length > 0) for (const one of added) moveToEnd.run(one.id);
        announce(channel);
      });
    },
    find(channel, eventId) {
      const row = find.get(channel, eventId);
      return row && outboxRow(row);
    },
    ofTransaction(channel, transaction) {
      const row = ofTransaction.get(channel, transaction);
      return row && outboxRow(row);
    },
    watch(channel, onAdded) {
      const watcher = { channel, onAdded };
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
  };
}

function outboxRow(row: Record<string, unknown>): OutboxRow {
  const { id, channel, agent, conversation, kind, txn, event, answers, at, first_tried_at } = row as never;
  return {
    ...{ id, channel, agent, conversation, kind, transaction: txn, at: new Date(at) },
    ...{ event: JSON.parse(event), answers: JSON.parse(answers) },
    firstTriedAt: first_tried_at === null ? undefined : new Date(first_tried_at),
  };
}
