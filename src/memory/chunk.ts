import { createHash } from "node:crypto";
import type { ChunkLine, NewChunk } from "../store/chunks.ts";
import { dayOf, timeOf, weekdayOf } from "../time.ts";
import { tokensOf } from "./memory.ts";

/** Changes when the same texts would give other chunks: then all of them are made anew. */
export const chunkingVersion = 2;

/** All of a chunk, and the longest line: an embedding model with a window of 256 tokens still sees all of it. */
const chunkTokens = 225;
const lineTokens = 180;

/** After a silence of this length people speak of something else. */
const silenceMs = 6 * 3_600_000;

/** Shorter lines mean nothing by themselves. */
const leastVectorCharacters = 24;

/** Lines that belong together. */
export interface Piece {
  lines: ChunkLine[];
  /** The line with which the next one begins; undefined while this one may grow. */
  next: ChunkLine | undefined;
}

/** Cuts lines into pieces of about six, each of which shares its second half with the next. The same lines give the same pieces. */
export function piecesOf(lines: readonly ChunkLine[]): Piece[] {
  const pieces: Piece[] = [];
  let start = 0;
  while (start < lines.length) {
    const end = endOf(lines, start);
    const isOver = end < lines.length;
    const next = isOver && isBreak(lines, end) ? end : halfOf(lines, start, end);
    pieces.push({ lines: lines.slice(start, end), next: isOver ? lines[next] : undefined });
    if (!isOver) break;
    start = next;
  }
  return pieces;
}

function endOf(lines: readonly ChunkLine[], start: number): number {
  let tokens = 0;
  let end = start;
  while (end < lines.length) {
    if (end > start && isBreak(lines, end)) break;
    tokens += tokensOf(lineText(lines[end] as ChunkLine));
    if (tokens > chunkTokens && end > start) break;
    end++;
  }
  return end;
}

/** Where the second half begins; later when what follows would not fit behind it. */
function halfOf(lines: readonly ChunkLine[], start: number, end: number): number {
  const sizes = lines.slice(start, end + 1).map((line) => tokensOf(lineText(line)));
  const following = sizes.length > end - start ? (sizes.pop() ?? 0) : 0;
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let rest = total;
  for (const [index, size] of sizes.entries()) {
    rest -= size;
    if (rest <= total / 2 && rest + following <= chunkTokens) return start + index + 1;
  }
  return end;
}

/** A piece ends where people were silent for long, and before and after a long text: that one stands alone. */
function isBreak(lines: readonly ChunkLine[], index: number): boolean {
  const [before, line] = [lines[index - 1], lines[index]];
  if (!before || !line) return false;
  const isLong = before.part !== undefined || line.part !== undefined;
  return line.at - before.at > silenceMs || (isLong && before.entry !== line.entry);
}

/** A long text becomes several lines, cut at the ends of sentences. */
export function linesOf(line: ChunkLine): ChunkLine[] {
  const text = line.text.trim().replace(/\n{3,}/g, "\n\n");
  if (tokensOf(text) <= lineTokens) return [{ ...line, text }];
  const parts: string[] = [];
  for (const { segment } of new Intl.Segmenter("en", { granularity: "sentence" }).segment(text)) {
    for (const piece of withinLine(segment)) {
      const last = parts.at(-1);
      if (last !== undefined && tokensOf(last + piece) <= lineTokens) parts[parts.length - 1] = last + piece;
      else parts.push(piece);
    }
  }
  return parts.flatMap((part, index) => (part.trim() === "" ? [] : [{ ...line, text: part.trim(), part: index }]));
}

/** What is no sentence, such as a table or a program, is cut at a space, or anywhere. */
function withinLine(text: string): string[] {
  const most = lineTokens * 4;
  const parts: string[] = [];
  let rest = text;
  while (rest.length > most) {
    const space = rest.lastIndexOf(" ", most);
    const cut = space > most / 2 ? space + 1 : most;
    parts.push(rest.slice(0, cut).toWellFormed());
    rest = rest.slice(cut);
  }
  return [...parts, rest];
}

/** A piece as it is stored: with the text it is searched by, and keys that come from its words alone. */
export function chunkOf({ lines }: Pick<Piece, "lines">, from: NewChunk["from"], timezone: string): NewChunk {
  const text = chunkText(lines, timezone);
  const own = lines
    .map((line, index) => ({ line, index }))
    .filter(({ line }) => lines.length > 1 && line.text.length >= leastVectorCharacters);
  const vectors = [
    { key: keyOf(text), line: -1 },
    ...own.map(({ line, index }) => ({ key: keyOf(`line ${chunkText([line], timezone)}`), line: index })),
  ];
  return { key: keyOf(text), text, lines, from, vectors };
}

/** What is embedded and searched for a chunk, or for one line of it. */
export function chunkText(lines: readonly ChunkLine[], timezone: string): string {
  const first = lines[0];
  if (!first) return "";
  return `${longDate(first, timezone)}\n${lines.map(lineText).join("\n")}`;
}

/** `Monday 8 May 2023 13:56`: in words, so that a question can name them. */
function longDate({ at, entry }: ChunkLine, timezone: string): string {
  const when = new Date(at);
  const [year, month, day] = dayOf(when, timezone).split("-");
  const date = `${weekdayOf(when, timezone)} ${Number(day)} ${monthNames[Number(month) - 1]} ${year}`;
  return entry === undefined ? `${date}, journal` : `${date} ${timeOf(when, timezone)}`;
}

export const monthNames = "January February March April May June July August September October November December".split(
  " ",
);

function lineText({ who, text }: ChunkLine): string {
  return `${who}: ${text}`;
}

function keyOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}
