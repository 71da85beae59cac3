import { columnsOf, graphemes } from "./graphemes.ts";

/** A piece of text in one style. A line of the terminal is a row of them. */
export interface Span {
  readonly text: string;
  readonly style: Style;
}

export type Line = readonly Span[];

export interface Style {
  readonly bold?: true;
  readonly dim?: true;
  readonly italic?: true;
  readonly underline?: true;
  readonly strike?: true;
  readonly color?: keyof typeof colors;
}

const colors = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 };
const effects = { bold: 1, dim: 2, italic: 3, underline: 4, strike: 9 } as const;
const plain: Style = {};

export function span(text: string, style: Style = plain): Span {
  return { text, style };
}

/** The line as the terminal reads it. `NO_COLOR` (no-color.org) leaves bold and its like. */
export function paint(line: Line, useColor = !process.env.NO_COLOR): string {
  return line.map(({ text, style }) => painted(text, style, useColor)).join("");
}

export function lineColumns(line: Line): number {
  return columnsOf(line.map(({ text }) => text).join(""));
}

/** Breaks a line, at spaces and between wide characters where it can, so that none is wider than `columns`. */
export function wrap(line: Line, columns: number): Line[] {
  const cells = cellsOf(line);
  const lines: Line[] = [];
  let start = 0;
  let width = 0;
  let breakAt = 0;
  for (let index = 0; index < cells.length; index += 1) {
    const { width: cellWidth, text } = cells[index] as Cell;
    if (cellWidth === 2 && index > start) breakAt = index;
    while (width + cellWidth > columns && index > start && text !== " ") {
      const end = breakAt > start ? breakAt : index;
      lines.push(joined(cells.slice(start, end)));
      start = end;
      width = widthOf(cells.slice(start, index));
    }
    width += cellWidth;
    if (text === " ") breakAt = index + 1;
  }
  lines.push(joined(cells.slice(start)));
  return lines;
}

interface Cell extends Span {
  readonly width: number;
}

function cellsOf(line: Line): Cell[] {
  return line.flatMap(({ text, style }) =>
    graphemes(text).map((grapheme) => ({ text: grapheme, style, width: columnsOf(grapheme) })),
  );
}

function widthOf(cells: readonly Cell[]): number {
  return cells.reduce((sum, { width }) => sum + width, 0);
}

/** Cells of one style as one span; the space at which a line was broken is not shown. */
function joined(cells: readonly Cell[]): Line {
  const end = cells.findLastIndex(({ text }) => text !== " ") + 1;
  const spans: Span[] = [];
  for (const { text, style } of cells.slice(0, end)) {
    const last = spans.at(-1);
    if (last?.style === style) spans[spans.length - 1] = span(last.text + text, style);
    else spans.push(span(text, style));
  }
  return spans;
}

function painted(text: string, style: Style, useColor: boolean): string {
  const codes = Object.entries(effects).flatMap(([name, code]) => (style[name as keyof typeof effects] ? [code] : []));
  if (style.color && useColor) codes.push(colors[style.color] as never);
  return codes.length === 0 || text === "" ? text : `\u001b[${codes.join(";")}m${text}\u001b[0m`;
}
