import type { AgentEvent, ToolCall } from "./agent/events.ts";

/**
 * The way back to the person who wrote one message. The channel makes it, also for a message that is taken up again
 * after a crash, and owns how things look.
 */
export interface Reply {
  /** Shows progress as it happens. Keeps order; never throws. */
  show(event: AgentEvent): void;
  /**
   * The finished events that say `text` (markdown) in this conversation. They leave through the outbox.
   * `isAllowedLink`, given for a tainted run: any other address is made unclickable.
   */
  render(text: string, isAllowedLink?: (address: string) => boolean): OutboundEvent[];
  /** Asks the person; undefined when nobody is there to ask. */
  ask?: Ask;
  /** A file for this conversation: from then on the outbox owes its delivery. Throws a sentence when it cannot be sent. */
  sendFile(file: OutboundFile, signal: AbortSignal): Promise<void>;
  /** Lays an emoji on the message that is answered. */
  react(emoji: string): void;
  /**
   * These messages, rows of the inbox, could not be dealt with, and not even that could be stored; `sentence` says why.
   * Never throws. Without it the person is shown the sentence, and the messages wait for the next start.
   */
  leftOpen?(rows: readonly number[], sentence: string): void;
  /** Those who read along and are no owners: full ids, of people who are invited as well. */
  others(): Promise<string[]>;
}

export interface OutboundFile {
  /** Its name, without folders. */
  name: string;
  bytes: Uint8Array;
  /** Markdown. */
  caption?: string | undefined;
  /** Where it lies in the workspace. */
  path: string;
}

/** What one channel sends, in its own terms; plain JSON. */
export type OutboundEvent = Record<string, unknown>;

/**
 * Puts one exact call before the person. Resolves on a decision, and with "expired" when `signal` aborts; never rejects.
 */
export type Ask = (question: Question, signal: AbortSignal) => Promise<Decision>;

export interface Question {
  call: ToolCall;
  /** SHA-256 of the canonical arguments: the yes is for these and no others. */
  argumentsHash: string;
  /** SHA-256 of what the call takes from a file, where it does. */
  contentHash?: string | undefined;
  /** Built by code from the parsed arguments, never in the model's words. Markdown. */
  text: string;
}

/** `no`: what the person said instead of yes; it is handed to the model. May be empty. */
export type Decision = "yes" | { no: string } | "expired";
