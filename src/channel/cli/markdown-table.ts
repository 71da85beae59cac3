import type { Tokens } from "marked";
import { inlineLines } from "./markdown-inline.ts";
import { type Line, lineColumns, type Style, span, wrap } from "./spans.ts";

const separator = span(" │ ", { dim: true });
const narrowestColumn = 6;

type Alignment = Tokens.Table["align"][number];

/** A table in columns; where they would become too narrow to read, each row as a list of its fields. */
export function tableLines({ header, rows, align }: Tokens.Table, columns: number, style: Style): Line[] {
  const titles = header.map((cell) => cellLine(cell, { ...style, bold: true }));
  const cells = rows.map((row) => row.map((cell) => cellLine(cell, style)));
  const natural = titles.map((title, index) =>
    Math.max(1, ...[title, ...cells.map((row) => row[index] ?? [])].map(lineColumns)),
  );
  const room = columns - separator.text.length * (titles.length - 1);
  if (natural.reduce(sum, 0) > room && room / titles.length < narrowestColumn) return asLists(titles, cells, columns);

  const widths = shrink(natural, room);
  const rule = widths.map((width) => "─".repeat(width)).join("─┼─");
  const laid = (row: readonly Line[]) => rowLines(row, widths, align);
  return [...laid(titles), [span(rule, { dim: true })], ...cells.flatMap(laid)];
}

function cellLine({ tokens }: Tokens.TableCell, style: Style): Line {
  return inlineLines(tokens, style).flatMap((line, index) => (index > 0 ? [span(" "), ...line] : line));
}

function rowLines(row: readonly Line[], widths: readonly number[], align: readonly Alignment[]): Line[] {
  const wrapped = widths.map((width, index) => wrap(row[index] ?? [], width));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, at) =>
    widths.flatMap((width, index) => [
      ...(index > 0 ? [separator] : []),
      ...aligned(wrapped[index]?.[at] ?? [], width, align[index] ?? null),
    ]),
  );
}

function aligned(line: Line, width: number, alignment: Alignment): Line {
  const free = Math.max(0, width - lineColumns(line));
  const before = alignment === "right" ? free : alignment === "center" ? Math.floor(free / 2) : 0;
  return [span(" ".repeat(before)), ...line, span(" ".repeat(free - before))];
}

/** Takes from the widest columns until all fit. */
function shrink(natural: readonly number[], room: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce(sum, 0) - room;
  while (excess > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    const width = widths[widest] ?? 1;
    if (width <= 1) break;
    widths[widest] = width - 1;
    excess -= 1;
  }
  return widths;
}

function asLists(titles: readonly Line[], rows: readonly (readonly Line[])[], columns: number): Line[] {
  if (rows.length === 0) return titles.flatMap((title) => wrap(title, columns));
  return rows.flatMap((row, index) => [
    ...(index > 0 ? [[]] : []),
    ...row.flatMap((cell, at) => wrap([...(titles[at] ?? []), span(": "), ...cell], columns)),
  ]);
}

function sum(a: number, b: number): number {
  return a + b;
}
