import type { AgentEvent } from "../../agent/events.ts";
import type { Ask } from "../../reply.ts";
import type { InboundMessage } from "../channel.ts";

/** What stands between the channel and the person: a screen, or plain lines. It knows nothing of the store. */
export interface Display {
  /** Makes itself ready; nothing of the person is read yet. */
  open(): Promise<void>;
  /** Begins to read what the person writes. */
  read(person: Person): void;
  /** Resolves once it stands before the person; rejects when it cannot get there. */
  show(update: Update): Promise<void>;
  ask: Ask;
  /** Reads no more. What comes is still shown. */
  stop(): void;
  close(): Promise<void>;
}

/** What the person does. */
export interface Person {
  send(text: string): void;
  /** Stops the run under way. */
  stop(): void;
  leave(exitCode: number): void;
}

/** Something new in the conversation. Messages are known by their row in the inbox. */
export type Update =
  /** A message of an earlier visit is taken up again. */
  | { type: "resumed"; message: InboundMessage }
  | { type: "said"; message: InboundMessage }
  /** `message`: the one whose run this is. */
  | { type: "event"; message: number; event: AgentEvent }
  | { type: "answer"; agent: string; text: string; answers: number[] }
  /** What the person wrote could not be kept. */
  | { type: "refused"; text: string }
  /** These messages are owed no answer any more. */
  | { type: "settled"; messages: number[] };
