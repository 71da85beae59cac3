import type { Origin } from "../origin.ts";
import type { CoreFiles } from "./core-files.ts";
import type { Journal } from "./journal.ts";

/** What an agent knows beyond the conversation under way. */
export interface Memory {
  /** Searches the journals and everything that was said, in every session. Best first. */
  search(query: MemoryQuery, signal?: AbortSignal): Promise<Recollection[]>;
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
  limit: number;
  /** A run whose own messages are left out: a question is not its own answer. */
  exceptRun?: number | undefined;
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
