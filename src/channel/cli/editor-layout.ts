import { columnsOf, graphemes } from "./graphemes.ts";

/** The rows of a text that is wrapped at `columns`, and where its cursor stands among them. */
export interface Layout {
  readonly rows: readonly string[];
  readonly cursor: { row: number; column: number };
}

const tab = "    ";

export function layOut(text: string, cursor: number, columns: number): Layout {
  const rows = [""];
  let place = { row: 0, column: 0 };
  for (const { at, row, column, shown } of cells(text, columns)) {
    while (rows.length <= row) rows.push("");
    rows[row] += shown;
    if (at <= cursor) place = { row, column };
  }
  return { rows, cursor: place };
}

/** Where in `text` the given place is, or the nearest to it in that row. */
export function positionAt(text: string, row: number, column: number, columns: number): number {
  let nearest = 0;
  for (const cell of cells(text, columns)) {
    if (cell.row > row || (cell.row === row && cell.column > column)) break;
    nearest = cell.at;
  }
  return nearest;
}

/** Every place a cursor can stand at, with what is shown there; the last is the end of the text. */
function* cells(text: string, columns: number): Generator<{ at: number; row: number; column: number; shown: string }> {
  let at = 0;
  let row = 0;
  let column = 0;
  for (const grapheme of graphemes(text)) {
    const isNewline = grapheme === "\n";
    const shown = isNewline ? "" : grapheme === "\t" ? tab : grapheme;
    const width = columnsOf(shown);
    // The cursor needs a column behind the last character, so a full row is broken before it.
    if (column + width >= columns && !isNewline && column > 0) {
      row += 1;
      column = 0;
    }
    yield { at, row, column, shown };
    at += grapheme.length;
    column += width;
    if (!isNewline) continue;
    row += 1;
    column = 0;
  }
  yield { at, row, column, shown: "" };
}
