import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { OutboundEvent } from "../reply.ts";
import type { Transactions } from "./transactions.ts";

/** What must leave. A row stays until the channel has it delivered; the same row is never sent as two messages. */
export interface Outbox {
  /** Puts the events of one answer in, in order: all of them or none. */
  add(answer: NewAnswer): void;
  /** Rows that wait, oldest first. */
  waiting(channel: string): OutboxRow[];
  /** The row has reached the person. */
  sent(id: number): void;
  /** Calls back after rows of this channel were added and stored; the callback must not throw. Returns what ends it. */
  watch(channel: string, onAdded: () => void): () => void;
}

export interface NewAnswer {
  channel: string;
  agent: string;
  conversation: string;
  events: readonly OutboundEvent[];
  /** The inbox rows that this answers. */
  answers: readonly number[];
}

export interface OutboxRow {
  id: number;
  channel: string;
  agent: string;
  conversation: string;
  /** Fixed for good: the same id again is the same message. */
  transaction: string;
  event: OutboundEvent;
  /** The inbox rows that this answers. */
  answers: number[];
  at: Date;
}

export function createOutbox(database: DatabaseSync, transactions: Transactions, now: () => Date): Outbox {
  const watchers = new Set<{ channel: string; onAdded: () => void }>();
  const insert = database.prepare(
    "INSERT INTO outbox (channel, agent, conversation, txn, event, answers, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  const waiting = database.prepare("SELECT * FROM outbox WHERE channel = ? AND sent_at IS NULL ORDER BY id");
  const sent = database.prepare("UPDATE outbox SET sent_at = ? WHERE id = ?");

  return {
    add({ channel, agent, conversation, events, answers }) {
      const answered = JSON.stringify(answers);
      const at = now().getTime();
      transactions.run(() => {
        for (const event of events)
          insert.run(channel, agent, conversation, randomUUID(), JSON.stringify(event), answered, at);
        transactions.afterCommit(() => {
          for (const watcher of watchers) if (watcher.channel === channel) watcher.onAdded();
        });
      });
    },
    waiting: (channel) => waiting.all(channel).map(outboxRow),
    sent: (id) => void sent.run(now().getTime(), id),
    watch(channel, onAdded) {
      const watcher = { channel, onAdded };
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
  };
}

function outboxRow(row: Record<string, unknown>): OutboxRow {
  const { id, channel, agent, conversation, txn, event, answers, at } = row as never;
  return {
    ...{ id, channel, agent, conversation, transaction: txn, at: new Date(at) },
    ...{ event: JSON.parse(event), answers: JSON.parse(answers) },
  };
}
