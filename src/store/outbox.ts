import type { OutboundEvent } from "../reply.ts";

/** What must leave. A row stays until the channel has it delivered; the same row is never sent as two messages. */
export interface Outbox {
  /** Rows that wait, oldest first. */
  waiting(channel: string): OutboxRow[];
  /** The row has reached the person. */
  sent(id: number): void;
  /** Calls back after rows of this channel were added. Returns what ends it. */
  watch(channel: string, onAdded: () => void): () => void;
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
