import type { AssistantModelMessage, ModelMessage, ToolResultPart } from "ai";
import { isForeign } from "../origin.ts";
import type { LogEntry } from "../store/log.ts";
import { withoutPicture } from "./pictures.ts";

export interface MessagesOptions {
  /** The run under way. */
  run: number;
  /** Stands before the first message of the run under way. */
  context: string;
  /** Stands before all of it, and stays the same for many runs. */
  head: string;
}

/** Entries of the log as a model gets them: in turns, each call followed by its result. */
export function toMessages(entries: readonly LogEntry[], { run, context, head }: MessagesOptions): ModelMessage[] {
  const messages: ModelMessage[] = head ? [{ role: "user", content: head }] : [];
  let begun = false;
  for (const entry of entries) {
    const last = messages.at(-1);
    if (entry.role === "user") {
      const before = entry.run === run && !begun ? context : "";
      begun ||= entry.run === run;
      addWords(messages, before + entry.text);
    } else if (entry.role === "assistant") {
      answerOpenCalls(messages);
      messages.push({ role: "assistant", content: (entry.content ?? entry.text) as AssistantModelMessage["content"] });
    } else {
      const part = isOver(entry, run) ? over(entry) : resultIn(entry, run);
      if (last?.role === "tool") last.content.push(part);
      else messages.push({ role: "tool", content: [part] });
    }
  }
  answerOpenCalls(messages);
  return messages;
}

/** Adds what a person, or the program, says next: strict chat templates want no two such messages in a row. */
export function addWords(messages: ModelMessage[], text: string): void {
  const last = messages.at(-1);
  if (last?.role === "user") last.content = `${last.content}\n\n${text}`;
  else messages.push({ role: "user", content: text });
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
export function isOver(entry: LogEntry, run: number): boolean {
  return entry.role === "tool" && isForeign(entry.origin) && entry.run !== run;
}

/** Pictures are in view as long as their run is under way. */
function resultIn({ content, run }: LogEntry, current: number): ToolResultPart {
  const result = content as ToolResultPart;
  return run === current ? result : withoutPicture(result);
}

function over(entry: LogEntry): ToolResultPart {
  return withOutput(
    entry,
    `[${entry.text.length} characters from outside, no longer in view; search_memory finds them.]`,
  ).content as ToolResultPart;
}

/** The entry of a result, with another text in its place. */
export function withOutput(entry: LogEntry, value: string): LogEntry {
  const { toolCallId, toolName } = entry.content as ToolResultPart;
  return { ...entry, content: toolResult(toolCallId, toolName, value, false) };
}
