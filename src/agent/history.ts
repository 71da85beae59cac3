import type { AssistantModelMessage, ModelMessage, ToolResultPart } from "ai";
import { isForeign } from "../origin.ts";
import type { Log, LogEntry } from "../store/log.ts";
import type { Session, Sessions } from "../store/sessions.ts";

/** A session as the model sees it. */
export interface View {
  messages: ModelMessage[];
  /** Where the foreign text in it comes from: one phrase each. */
  taints: string[];
  /** The agent's own words in tainted runs, calls included. */
  derived: string[];
  /** The owner's. */
  owned: string[];
  /** Estimated. */
  tokens: number;
}

export interface ViewOptions {
  log: Log;
  sessions: Sessions;
  session: Session;
  /** The run under way. */
  run: number;
  /** Stands before the first message of the run under way. */
  context: string;
  /** Most tokens that the view may have. */
  budgetTokens: number;
}

/**
 * Reads the newest part of the session that fits the budget. When it no longer fits, the beginning of the view moves
 * forward to where half the budget is free, so that it then stays the same for many runs. A run is kept whole: calls
 * never lose their results.
 */
export function readView({ log, sessions, session, run, context, budgetTokens }: ViewOptions): View {
  const entries: LogEntry[] = [];
  let tokens = 0;
  for (const entry of log.newestFirst(session.id, session.viewFrom)) {
    // Said while the run, that could not be stored then, was left for the next start.
    if (entry.run !== undefined && entry.run > run) continue;
    entries.push(entry);
    tokens += estimateTokens(entry, run);
    // The run under way is read whole: it keeps the message that it answers.
    if (tokens > budgetTokens && entry.run !== run) break;
  }
  entries.reverse().sort((a, b) => (a.run ?? 0) - (b.run ?? 0));
  if (tokens > budgetTokens) {
    const from = newBeginning(entries, run, budgetTokens / 2);
    sessions.setViewFrom(session, entries[from]?.id ?? session.viewFrom);
    entries.splice(0, from);
    shorten(entries, run, budgetTokens);
    tokens = entries.reduce((sum, entry) => sum + estimateTokens(entry, run), 0);
  }
  const foreign = entries.filter((entry) => isForeign(entry.origin) && !isOver(entry, run));
  return {
    messages: toMessages(entries, run, session.viewFrom > 0, context),
    taints: [
      ...new Set(
        foreign.map(({ role, sender }) => (role === "tool" ? `the result of ${sender}` : `the words of ${sender}`)),
      ),
    ],
    derived: entries.filter(({ origin }) => origin === "derived").map((entry) => wordsOf(entry)),
    owned: entries.filter(({ role, origin }) => role === "user" && origin === "owner").map(({ text }) => text),
    tokens,
  };
}

function wordsOf({ text, content }: LogEntry): string {
  return content === undefined ? text : JSON.stringify(content);
}

/** The first run, from the oldest, from which on everything fits into `tokens`; at the latest the one under way. */
function newBeginning(entries: readonly LogEntry[], run: number, tokens: number): number {
  let sum = 0;
  let best = entries.length - 1;
  for (let index = entries.length - 1; index >= 0; index--) {
    const entry = entries[index];
    if (!entry) break;
    sum += estimateTokens(entry, run);
    if (sum > tokens && entry.run !== run) break;
    if (entry.role === "user" && entry.run !== entries[index - 1]?.run) best = index;
    else if (entry.run === run) best = index;
  }
  return best;
}

/** When the run under way alone is too long, its oldest results give way, then the middle of what the person wrote. */
function shorten(entries: LogEntry[], run: number, budgetTokens: number): void {
  let excess = entries.reduce((sum, entry) => sum + estimateTokens(entry, run), 0) - budgetTokens;
  for (const [index, entry] of entries.entries()) {
    if (excess <= 0) return;
    if (entry.role !== "tool") continue;
    const shorter = withOutput(
      entry,
      `[${entry.text.length} characters, dropped: too long for what you can hold. Read a smaller part.]`,
    );
    excess -= estimateTokens(entry, run) - estimateTokens(shorter, run);
    entries[index] = shorter;
  }
  for (const [index, entry] of entries.entries()) {
    if (excess <= 0) return;
    if (entry.role !== "user") continue;
    const tokens = estimateTokens(entry, run);
    const shorter = { ...entry, text: withoutMiddle(entry.text, (tokens - excess) / tokens) };
    excess -= tokens - estimateTokens(shorter, run);
    entries[index] = shorter;
  }
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

function toMessages(entries: readonly LogEntry[], run: number, cut: boolean, context: string): ModelMessage[] {
  const messages: ModelMessage[] = [];
  let begun = false;
  for (const entry of entries) {
    const last = messages.at(-1);
    if (entry.role === "user") {
      const before = entry.run === run && !begun ? context : "";
      begun ||= entry.run === run;
      const text = before + entry.text;
      if (last?.role === "user") last.content = `${last.content}\n\n${text}`;
      else messages.push({ role: "user", content: text });
    } else if (entry.role === "assistant") {
      answerOpenCalls(messages);
      messages.push({ role: "assistant", content: (entry.content ?? entry.text) as AssistantModelMessage["content"] });
    } else {
      const part = isOver(entry, run) ? over(entry) : (entry.content as ToolResultPart);
      if (last?.role === "tool") last.content.push(part);
      else messages.push({ role: "tool", content: [part] });
    }
  }
  answerOpenCalls(messages);
  const first = messages[0];
  if (cut && first?.role === "user")
    first.content = `[What was said here before is no longer in view; search_memory finds it.]\n\n${first.content}`;
  return messages;
}

/** A call without its result would spoil the conversation for good: it gets one that says so. */
function answerOpenCalls(messages: ModelMessage[]): void {
  const index = messages.findLastIndex(({ role }) => role === "assistant");
  const message = messages[index];
  if (message?.role !== "assistant" || typeof message.content === "string") return;
  const next = messages[index + 1];
  const answered = new Set(
    next?.role === "tool" ? next.content.map((part) => "toolCallId" in part && part.toolCallId) : [],
  );
  const missing = message.content.flatMap((part): ToolResultPart[] =>
    part.type === "tool-call" && !answered.has(part.toolCallId)
      ? [toolResult(part.toolCallId, part.toolName, interrupted, true)]
      : [],
  );
  if (missing.length === 0) return;
  if (next?.role === "tool") next.content.push(...missing);
  else messages.splice(index + 1, 0, { role: "tool", content: missing });
}

export const interrupted =
  "Interrupted before the result was known: it may have happened. Check before you do it again.";

/** The result of one call, as the model gets it. */
export function toolResult(toolCallId: string, toolName: string, value: string, failed: boolean): ToolResultPart {
  return { type: "tool-result", toolCallId, toolName, output: { type: failed ? "error-text" : "text", value } };
}

/** Foreign text of a run that has ended: it stands in the view as one line only. */
function isOver(entry: LogEntry, run: number): boolean {
  return entry.role === "tool" && isForeign(entry.origin) && entry.run !== run;
}

function over(entry: LogEntry): ToolResultPart {
  return withOutput(
    entry,
    `[${entry.text.length} characters from outside, no longer in view; search_memory finds them.]`,
  ).content as ToolResultPart;
}

function withOutput(entry: LogEntry, value: string): LogEntry {
  const { toolCallId, toolName } = entry.content as ToolResultPart;
  return { ...entry, content: toolResult(toolCallId, toolName, value, false) };
}

/** A token is about 3.5 bytes of UTF-8 in the languages and models that were looked at; a message costs some on top. */
export function tokensIn(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 3.5);
}

function estimateTokens(entry: LogEntry, run: number): number {
  if (isOver(entry, run)) return 40;
  return tokensIn(wordsOf(entry)) + 8;
}
