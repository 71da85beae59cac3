import type { Origin } from "../origin.ts";

/** What arrived and is not yet answered. A row is done when its answer is in the outbox. */
export interface Inbox {
  /** Writes a message down before anything else happens to it. Undefined when it was known already. */
  add(message: NewMessage): number | undefined;
  /** What is not done, oldest first. */
  open(channel: string): InboxRow[];
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
