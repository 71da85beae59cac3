import type { Origin } from "../origin.ts";
import type { Reply } from "../reply.ts";
import type { Quote } from "../store/inbox.ts";

/** A way for people to reach the agent. */
export interface Channel {
  readonly name: string;
  /** Begins delivering messages: first those of the inbox that are not done, then new ones. Resolves once connected. */
  start(onMessage: (message: InboundMessage, reply: Reply) => void): Promise<void>;
  /** Stops receiving. Answers under way can still be sent. */
  stop(): Promise<void>;
  /** Waits until the outbox has sent what it can, then releases the connection. */
  close(): Promise<void>;
  /** Lines of `/status`: what, and how it is. */
  status?(): [name: string, state: string][];
  /** The same in figures, an account each; without it there is no connection that could be lost. */
  health?(): readonly AccountState[];
}

/** How the connection of one agent's account is. */
export interface AccountState {
  agent: string;
  /** When the other side was heard last. */
  lastSyncAt?: Date;
  /** Events of the last two minutes that could not be read. */
  undecryptable: number;
  /** Events that have not left. */
  waiting?: number;
  /** What is wrong with it, in one sentence. */
  problem?: string;
}

/** A message that stands in the inbox. */
export interface InboundMessage {
  /** Its row in the inbox. */
  inbox: number;
  channel: string;
  /** The agent it is for. */
  agent: string;
  /** Where it is said: `cli:terminal`, `matrix:!room`. */
  conversation: string;
  /** Full id of the person, or of the agent. */
  sender: string;
  origin: Origin;
  text: string;
  at: Date;
  /** What it answers to: words with an origin of their own. */
  quote?: Quote | undefined;
  /** The names of other agents in the room. */
  company?: readonly string[] | undefined;
  /** People read along who are neither owners nor allowed: what is private stays out of the run. */
  exposed?: boolean | undefined;
  /** The run that had begun to work on it before the program was ended. */
  run?: number;
}
