import { isForeign, type Origin } from "../origin.ts";
import type { CoreFiles } from "./core-files.ts";
import type { Journal } from "./journal.ts";

/** What an agent knows beyond the conversation under way. */
export interface Memory extends AsyncDisposable {
  /** Begins to index, in the background: what came while nobody looked, then what comes. */
  start(): void;
  /** Searches the journals and everything that was said, in every session. Best first; nothing when nothing fits. */
  search(query: MemoryQuery, signal?: AbortSignal): Promise<Recollection[]>;
  /**
   * What may help with a message, best first: of clean origin, above the floor of relevance, within the budget; nothing
   * for small talk. Never waits for what is not there: without a model it goes by keyword.
   */
  recollect(query: RecollectionQuery, signal?: AbortSignal): Promise<Recollection[]>;
  /** Resolves when a search goes by all that there is, at the latest with the signal; what goes wrong is in the status. */
  ready(signal: AbortSignal): Promise<void>;
  core: CoreFiles;
  journal: Journal;
  /** Makes the index anew from the log and the journals. The old vectors answer until the new ones are whole. */
  reindex(onProgress: (progress: ReindexProgress) => void, signal?: AbortSignal): Promise<void>;
  status(): Promise<MemoryStatus>;
  /** What a search cannot do now, and why, for whoever reads its results; undefined when all is well. */
  shortcoming(): string | undefined;
}

export interface ReindexProgress {
  what: "texts" | "vectors";
  done: number;
  all: number;
}

/** At least one of text, from and to. */
export interface MemoryQuery {
  text?: string | undefined;
  /** First and last day, inclusive: `YYYY-MM-DD`. */
  from?: string | undefined;
  to?: string | undefined;
  /** The most results. */
  limit: number;
  /** What all of them may have together, as `describeRecollection` writes them; left out: 2,000. */
  tokens?: number | undefined;
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

/** What a search found: a few lines that were said, or written, one after the other. */
export interface Recollection {
  day: string;
  /** `HH:MM`; a journal entry has its own in the text. */
  time?: string | undefined;
  source: "conversation" | "journal";
  /** Of all that is in it, the least trusted. */
  origin: Origin;
  lines: RecollectedLine[];
}

export interface RecollectedLine {
  /** Who said it, or the section of the journal. */
  who: string;
  text: string;
  /** The entry of the log. */
  entry?: number;
}

export interface MemoryStatus {
  /** How much there is and how it is searched: a sentence without its full stop. */
  text: string;
  /** What more there is to say: what hinders it and what to do about it, or where the vectors are. Whole sentences. */
  details?: string | undefined;
}

export function describeStatus({ text, details }: MemoryStatus): string {
  return details === undefined ? `${text}.` : `${text}. ${details}`;
}

/** A recollection as a person or a model reads it: when it was, and who said what. */
export function describeRecollection({ day, time, source, origin, lines }: Recollection): string {
  const when = source === "journal" ? `${day}, journal` : `${day} ${time}`;
  // Further lines of one text are indented: no text can pass for another's.
  const said = lines.map(({ who, text }) => `${who}: ${text.replaceAll("\n", "\n  ")}`);
  return `[${when}${isForeign(origin) ? ", from outside" : ""}] ${said.join("\n")}`;
}

/** About how many tokens a text has. */
export function tokensOf(text: string): number {
  return Math.ceil(text.length / 4);
}
