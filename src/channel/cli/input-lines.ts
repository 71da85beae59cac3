import type { CommandSummary } from "./completion.ts";
import { type Composer, menuOf } from "./composer.ts";
import { layOut } from "./editor-layout.ts";
import { shorten } from "./graphemes.ts";
import { type Line, paint, span } from "./spans.ts";

const prompt = "› ";
const placeholder = "Write a message";

/** The input as it stands on the screen, and where the cursor is in it. */
export interface InputView {
  lines: readonly string[];
  cursor: { row: number; column: number };
}

/** `rows`: of the text, and of the menu below it, at most. `hint`: one line in place of the menu. */
export function inputLines(
  composer: Composer,
  {
    commands,
    columns,
    rows,
    hint,
  }: { commands: readonly CommandSummary[]; columns: number; rows: number; hint?: string },
): InputView {
  const { editor } = composer;
  const room = inputRoom(columns);
  const { rows: laid, cursor } = layOut(editor.text, editor.cursor, room);
  const first = Math.max(0, Math.min(cursor.row - rows + 1, laid.length - rows));
  const text = laid.slice(first, first + rows).map((row, index): Line => {
    const mark = span(first + index === 0 ? prompt : "  ", { bold: true, color: "cyan" });
    return [mark, editor.text === "" ? span(shorten(placeholder, room), { dim: true }) : span(row)];
  });
  const below = hint ? [[span(shorten(hint, columns), { dim: true })]] : menu(composer, commands, columns, rows);
  return {
    lines: [...text, ...below].map((line) => paint(line)),
    cursor: { row: cursor.row - first, column: prompt.length + cursor.column },
  };
}

/** How many columns the text itself has. */
export function inputRoom(columns: number): number {
  return Math.max(columns - prompt.length, 4);
}

function menu(composer: Composer, commands: readonly CommandSummary[], columns: number, rows: number): Line[] {
  const chosen = composer.chosen ?? 0;
  const first = Math.max(0, chosen - rows + 1);
  return menuOf(composer, commands)
    .slice(first, first + rows)
    .map(({ name, summary }, index) => {
      const title = `  /${name}`.padEnd(16);
      const text = span(shorten(` ${summary}`, Math.max(1, columns - title.length)), { dim: true });
      return [span(title, first + index === chosen ? { bold: true, color: "cyan" } : { dim: true }), text];
    });
}
