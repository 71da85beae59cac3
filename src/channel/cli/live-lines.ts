import { cleanLine } from "./clean.ts";
import { heading } from "./entry-lines.ts";
import { shorten } from "./graphemes.ts";
import { markdownLines } from "./markdown.ts";
import { paint, span } from "./spans.ts";
import { callTitle } from "./tool-line.ts";
import { isBusy, type Transcript } from "./transcript.ts";

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const thoughtRows = 4;
/** Enough to fill any screen; the whole of a long text need not be laid out for each word that comes. */
const tailLength = 12_000;

/** What is being said at the moment, at most `rows` of it: the newest. */
export function streamLines({ agent, entries, run }: Transcript, columns: number, rows: number): string[] {
  if (!run || rows < 2) return [];
  const text = run.text.trim();
  const thinking = run.reasoning ? run.thinking.trim() : "";
  if (text === "" && thinking === "") return [];
  const said =
    text === ""
      ? markdownLines(tail(thinking), columns, { dim: true, italic: true })
      : markdownLines(tail(text), columns);
  const lines = [...heading({ agent, previous: entries.at(-1) }), ...said];
  return ["", ...lines.slice(-Math.min(rows - 1, text === "" ? thoughtRows : rows))];
}

/** What the agent is doing, or undefined when it is the person's turn. */
export function activityLine(
  transcript: Transcript,
  { frame, elapsedMs, stopping, columns }: { frame: number; elapsedMs: number; stopping: boolean; columns: number },
): string | undefined {
  if (!isBusy(transcript)) return undefined;
  const doing = stopping ? "stopping …" : activity(transcript);
  const seconds = Math.floor(elapsedMs / 1000);
  const time = seconds >= 3 ? ` ${seconds} s` : "";
  const hint = stopping ? "" : " · Ctrl-C stops";
  return paint([
    span(`${frames[frame % frames.length]} `, { color: "magenta" }),
    span(shorten(`${doing}${time}${hint}`, columns - 2), { dim: true }),
  ]);
}

function activity({ agent, run }: Transcript): string {
  if (!run || run.over) return "…";
  if (run.wait) return cleanLine(run.wait);
  if (run.calls.length > 0) {
    return run.calls
      .map((open) => `${open.agent === agent ? "" : `${cleanLine(open.agent)}: `}${callTitle(open.call)}`)
      .join(", ");
  }
  return run.text === "" ? "thinking …" : "writing …";
}

/** The end of a text, from the beginning of a paragraph; a code block that is cut into stays one. */
function tail(text: string): string {
  if (text.length <= tailLength) return text;
  const start = text.indexOf("\n\n", text.length - tailLength);
  const cut = start === -1 ? text.length - tailLength : start + 2;
  const isInCode = (text.slice(0, cut).match(/^\s*```/gm)?.length ?? 0) % 2 === 1;
  return `${isInCode ? "```\n" : ""}${text.slice(cut)}`;
}
