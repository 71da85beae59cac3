import type { Origin } from "../origin.ts";
import type { CoreFiles } from "./core-files.ts";
import type { Journal } from "./journal.ts";

/** What an agent knows beyond the conversation under way. */
export interface Memory {
  /** Searches the journals and everything that was said, in every session. Best first; nothing when nothing fits. */
  search(query: MemoryQuery, signal?: AbortSignal): Promise<Recollection[]>;
  /**
   * What may help with a message, best first: of clean origin, above the floor of relevance, within the budget; nothing
   * for small talk. Never waits for what is not there: without a model it goes by keyword.
   */
  recollect(query: RecollectionQuery, signal?: AbortSignal): Promise<Recollection[]>;
  core: CoreFiles;
  journal: Journal;
  status(): Promise<MemoryStatus>;
}

/** At least one of text, from and to. */
export interface MemoryQuery {
  text?: string | undefined;
  /** First and last day, inclusive: `YYYY-MM-DD`. */
  from?: string | undefined;
  to?: string | undefined;
  /** The most results. */
  limit: number;
  /** A run whose own messages are left out: a question is not its own answer. */
  exceptRun?: number | undefined;
}

export interface RecollectionQuery {
  /** The message that is to be answered. */
  text: string;
  /** What was said right before it, oldest first: its last two turns. */
  turns: readonly string[];
  /** The run that answers it. */
  exceptRun?: number | undefined;
  /** What the model sees anyway: the entries of this session from the id `from` on. */
  inView?: { session: number; from: number } | undefined;
  /** The most that all of them may have together, as `describeRecollection` writes them. */
  tokens: number;
}

/** What a search found. */
export interface Recollection {
  /** The words themselves. */
  text: string;
  day: string;
  /** `HH:MM`; a journal entry has its own in the text. */
  time?: string | undefined;
  /** Who said it, or the section of the journal. */
  who: string;
  origin: Origin;
  source: "conversation" | "journal";
  /** What was said around it, one line each. */
  before: string[];
  after: string[];
}

export interface MemoryStatus {
  /** One sentence for the person. */
  text: string;
}

/** A recollection as a person or a model reads it: when, who, the words, and what was said around them. */
export function describeRecollection({ text, day, time, who, source, before, after }: Recollection): string {
  const head = source === "journal" ? `[${day}, journal, ${who}]` : `[${day} ${time}] ${who}:`;
  const around = (lines: readonly string[]): string[] => lines.map((line) => `  | ${line.replaceAll("\n", " ")}`);
  return [...around(before), `${head} ${text}`, ...around(after)].join("\n");
}

/** About how many tokens a text has. */
export function tokensOf(text: string): number {
  return Math.ceil(text.length / 4);
}
