import { clean, cleanLine } from "./clean.ts";
import { timeOfDay } from "./clock.ts";
import { markdownLines } from "./markdown.ts";
import { paint, type Style, span, wrap } from "./spans.ts";
import { toolLine } from "./tool-line.ts";
import type { Entry, Outcome } from "./transcript.ts";

export interface EntryContext {
  /** The agent that is talked to. */
  agent: string;
  columns: number;
  /** The entry that stands above. */
  previous: Entry | undefined;
  timezone: string | undefined;
  now(): Date;
}

const longestOutput = 20;
const longestThought = 12;
const outcomes: Record<Outcome, { mark: string; word: string; style: Style }> = {
  yes: { mark: "✓", word: "Yes", style: { color: "green" } },
  no: { mark: "✗", word: "No", style: { color: "red" } },
  withdrawn: { mark: "–", word: "Withdrawn", style: { dim: true } },
};

/** One finished entry as it goes into the terminal's own scroll-back. */
export function entryLines(entry: Entry, context: EntryContext): string[] {
  const { columns, previous } = context;
  switch (entry.kind) {
    case "person":
      return ["", ...personLines(entry.text, columns)];
    case "resumed": {
      const time = timeOfDay(entry.at, context.now(), context.timezone);
      return [
        "",
        ...styled(`Going on with your message from ${time}: ${cleanLine(entry.text)}`, columns, { dim: true }),
      ];
    }
    case "notice":
      return ["", ...styled(cleanLine(entry.text), columns, { dim: true, italic: true })];
    case "agent":
      return ["", ...heading(context), ...markdownLines(entry.text, columns)];
    case "question":
      return ["", ...heading(context), ...markdownLines(entry.text, columns)];
    case "thinking":
      return ["", ...heading(context), ...folded(entry.text, longestThought, columns, { dim: true, italic: true })];
    case "tool":
    case "decision": {
      const lines = entry.kind === "tool" ? toolLines(entry, context) : decisionLines(entry, columns);
      const isFirst = previous?.kind !== "tool" && previous?.kind !== "decision";
      return [...(isFirst ? ["", ...heading(context)] : []), ...lines];
    }
  }
}

/** The agent's name, where its turn begins. */
export function heading({ agent, previous }: Pick<EntryContext, "agent" | "previous">): string[] {
  const isWithinTurn = previous !== undefined && !["person", "resumed", "notice"].includes(previous.kind);
  return isWithinTurn ? [] : [paint([span(cleanLine(agent), { bold: true, color: "magenta" })])];
}

function personLines(text: string, columns: number): string[] {
  const lines = clean(text)
    .split("\n")
    .flatMap((line) => wrap([span(line, { bold: true })], columns - 2));
  return lines.map((line, index) => paint([span(index === 0 ? "› " : "  ", { color: "cyan" }), ...line]));
}

function toolLines(entry: Entry & { kind: "tool" }, { agent, columns }: EntryContext): string[] {
  const { failed, verbose, output } = entry;
  const who = entry.agent === agent ? "" : `${cleanLine(entry.agent)}: `;
  const mark = failed ? span("✗ ", { color: "red" }) : span("● ", { dim: true });
  const [first = [], ...rest] = wrap([span(`${who}${toolLine(entry)}`, { dim: true })], columns - 2);
  const title = [[mark, ...first], ...rest.map((line) => [span("  "), ...line])].map((line) => paint(line));
  if (!verbose) return title;
  const shown = folded(output, longestOutput, columns - 4, { dim: true });
  return [...title, ...shown.map((line) => `${paint([span("  │ ", { dim: true })])}${line}`)];
}

function decisionLines({ text, outcome }: Entry & { kind: "decision" }, columns: number): string[] {
  const { mark, word, style } = outcomes[outcome];
  const [first = ""] = clean(text).trim().split("\n");
  const line = [span(`${mark} ${word}`, style), span(` – ${first.replaceAll("`", "")}`, { dim: true })];
  return wrap(line, columns).map((wrapped) => paint(wrapped));
}

function folded(text: string, most: number, columns: number, style: Style): string[] {
  const lines = clean(text)
    .trim()
    .split("\n")
    .flatMap((line) => styled(line, columns, style));
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most), ...styled(`… ${lines.length - most} more lines`, columns, style)];
}

function styled(text: string, columns: number, style: Style): string[] {
  return wrap([span(text.replaceAll("\t", "    "), style)], columns).map((line) => paint(line));
}
