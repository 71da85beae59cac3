import type { Log, LogEntry } from "../store/log.ts";
import type { Session } from "../store/sessions.ts";
import { isOver, withOutput } from "./messages.ts";
import { pictureOf } from "./pictures.ts";
import { tokensIn } from "./tokens.ts";

/** The part of a session that the model sees word by word, oldest first. */
export interface InView {
  entries: LogEntry[];
  /** Estimated. Where it is more than the budget, the oldest entries may be missing. */
  tokens: number;
}

export interface InViewOptions {
  log: Log;
  session: Session;
  /** The run under way. */
  run: number;
  budgetTokens: number;
}

/** How much of the budget the words have when the view has been cut: it then stays the same for many runs. */
const keptShare = 0.4;

/** Reads the session from where its view begins. */
export function readInView({ log, session, run, budgetTokens }: InViewOptions): InView {
  const entries: LogEntry[] = [];
  let tokens = 0;
  for (const entry of log.newestFirst(session.id, session.viewFrom)) {
    // Said while the run, that could not be stored then, was left for the next start.
    if (entry.run !== undefined && entry.run > run) continue;
    entries.push(entry);
    tokens += sizeOf(entry, run);
    // The run under way is read whole: it keeps the message that it answers.
    if (tokens > budgetTokens && entry.run !== run) break;
  }
  entries.reverse().sort((a, b) => (a.run ?? 0) - (b.run ?? 0));
  if (session.viewFrom > 0 && entries.find((entry) => entry.run === run)?.role !== "user") {
    const asked = log.ofRun(session.id, run).filter(({ id, role }) => role === "user" && id < session.viewFrom);
    entries.splice(entries.length - entries.filter((entry) => entry.run === run).length, 0, ...asked);
    tokens += sizeOfAll(asked, run);
  }
  return { entries, tokens };
}

/**
 * The index of the entry with which a view begins that fits the budget with room to grow. Runs are kept whole, and where
 * one alone is too long, each of its steps. 0 when nothing can leave.
 */
export function newBeginning(entries: readonly LogEntry[], run: number, budgetTokens: number): number {
  const beginning = beginningOfRun(entries, run, budgetTokens * keptShare);
  if (entries[beginning]?.run !== run) return beginning;
  const own = entries.slice(beginning);
  if (leastSizeOf(own, run) > budgetTokens) return beginning + beginningOfStep(own, run, budgetTokens * keptShare);
  return beginningOfAnswer(entries, beginning, run, budgetTokens * keptShare - sizeOfAll(own, run));
}

/** Where the last words of the run before are, which is too long to be kept whole: the next message may be about them. */
function beginningOfAnswer(entries: readonly LogEntry[], end: number, run: number, tokens: number): number {
  let best = end;
  let left = tokens;
  for (let index = end - 1; entries[index] && entries[index]?.run === entries[end - 1]?.run; index--) {
    left -= sizeOf(entries[index] as LogEntry, run);
    if (left < 0) break;
    if (entries[index]?.role === "assistant") best = index;
  }
  return best;
}

/** What stays in view when it begins at `index`: the run under way keeps the words of the person. */
export function keptFrom(entries: readonly LogEntry[], index: number, run: number): LogEntry[] {
  return entries.filter((entry, at) => at >= index || (entry.run === run && entry.role === "user"));
}

/** The first run, from the oldest, from which on everything fits into `tokens`; at the latest the one under way. */
function beginningOfRun(entries: readonly LogEntry[], run: number, tokens: number): number {
  let sum = 0;
  let best = Math.max(0, entries.length - 1);
  for (let index = entries.length - 1; index >= 0; index--) {
    const entry = entries[index];
    if (!entry) break;
    sum += sizeOf(entry, run);
    if (sum > tokens && entry.run !== run) break;
    if (entry.role === "user" && entry.run !== entries[index - 1]?.run) best = index;
    else if (entry.run === run) best = index;
  }
  return best;
}

/** The same among the steps of one run; at the latest the newest. 0 when it has none, or only one. */
function beginningOfStep(entries: readonly LogEntry[], run: number, tokens: number): number {
  const steps = entries.flatMap(({ role }, index) => (role === "assistant" ? [index] : []));
  const asked = entries.filter(({ role }) => role === "user");
  let best = steps.length > 1 ? (steps.at(-1) ?? 0) : 0;
  for (const index of steps.slice(1).reverse()) {
    const kept = entries.slice(index).filter(({ role }) => role !== "user");
    if (sizeOfAll([...asked, ...kept], run) > tokens) break;
    best = index;
  }
  return best;
}

/** The size of a run when all of it that can be shortened is. */
function leastSizeOf(entries: readonly LogEntry[], run: number): number {
  return entries.reduce((sum, entry) => sum + Math.min(sizeOf(entry, run), entry.role === "assistant" ? 1e9 : 100), 0);
}

/**
 * When the run under way alone is too long, its oldest results give way, then the middle of what the person wrote, then
 * what the calls hand over.
 */
export function shorten(entries: LogEntry[], run: number, budgetTokens: number): void {
  let excess = sizeOfAll(entries, run) - budgetTokens;
  const replace = (role: LogEntry["role"], shorter: (entry: LogEntry, share: number) => LogEntry): void => {
    for (const [index, entry] of entries.entries()) {
      if (excess <= 0) return;
      if (entry.role !== role) continue;
      const size = sizeOf(entry, run);
      const replacement = shorter(entry, (size - excess) / size);
      excess -= size - sizeOf(replacement, run);
      entries[index] = replacement;
    }
  };
  replace("tool", (entry) =>
    withOutput(
      entry,
      `[${entry.text.length} characters, dropped: too long for what you can hold. Read a smaller part.]`,
    ),
  );
  replace("user", (entry, share) => ({ ...entry, text: withoutMiddle(entry.text, share) }));
  replace("assistant", (entry) => ({ ...entry, content: withShortTexts(entry.content ?? entry.text) }));
}

/** About `share` of the text, by its head and tail; a little of it in any case. */
function withoutMiddle(text: string, share: number): string {
  const note = (left: number) =>
    `\n[… ${left} characters left out here: the message is too long for what you can hold. Say so. …]\n`;
  const kept = Math.max(200, Math.floor(text.length * share) - note(text.length).length - 40);
  if (kept >= text.length) return text;
  const tail = Math.floor(kept / 3);
  return `${text.slice(0, kept - tail)}${note(text.length - kept)}${text.slice(-tail)}`.toWellFormed();
}

const shortTextCharacters = 200;

/** The same value with the beginnings of its long texts. Reasoning goes: a part of it would be refused by those who sign it. */
function withShortTexts(value: unknown): unknown {
  if (typeof value === "string") {
    if (value.length <= shortTextCharacters) return value;
    const left = value.length - shortTextCharacters;
    return `${value.slice(0, shortTextCharacters).toWellFormed()} [… ${left} characters more]`;
  }
  if (Array.isArray(value)) return value.filter((part) => part?.type !== "reasoning").map(withShortTexts);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withShortTexts(part)]));
}

/** What an entry takes of the window; a message costs some on top of its words. */
export function sizeOf(entry: LogEntry, run: number): number {
  if (isOver(entry, run)) return 40;
  const picture = entry.run === run ? pictureOf(entry.content) : undefined;
  return tokensIn(wordsOf(entry)) + (picture?.tokens ?? 0) + 8;
}

export function sizeOfAll(entries: readonly LogEntry[], run: number): number {
  return entries.reduce((sum, entry) => sum + sizeOf(entry, run), 0);
}

/** All that the model reads of an entry. */
export function wordsOf({ text, content }: LogEntry): string {
  return content === undefined ? text : JSON.stringify(content);
}
