import { Text, useCursor, useInput, usePaste } from "ink";
import type { CommandSummary } from "./completion.ts";
import { menuOf, press } from "./composer.ts";
import { layOut } from "./editor-layout.ts";
import { shorten } from "./graphemes.ts";
import type { History } from "./history.ts";
import { type Command, commandFor } from "./keys.ts";
import { paint, span } from "./spans.ts";
import type { ComposerState } from "./use-composer.ts";

export interface InputProps {
  composer: ComposerState;
  commands: readonly CommandSummary[];
  history: History;
  columns: number;
  /** How many rows of the text, or of the menu, are shown at most. */
  rows: number;
  /** How many rows stand above, within what changes. */
  top: number;
  /** One line below, in place of the menu. */
  hint: string | undefined;
  onSend(text: string): void;
  onInterrupt(): void;
  onLeave(): void;
}

const prompt = "› ";

/** Where the person writes: the end of what they see, with the terminal's own cursor in it. */
export function Input(props: InputProps) {
  const { composer, commands, history, columns, rows, top, hint, onSend, onInterrupt, onLeave } = props;
  const room = columns - prompt.length;
  const { setCursorPosition } = useCursor();

  function apply(command: Command): void {
    const pressed = press(composer.latest(), command, { commands, history: history.entries, columns: room });
    composer.set(pressed.composer);
    if (pressed.send === undefined) return;
    history.add(pressed.send);
    onSend(pressed.send);
  }

  useInput((input, key) => {
    const command = commandFor(input, key);
    if (command?.type === "interrupt") onInterrupt();
    else if (command?.type === "end-of-input" && composer.latest().editor.text === "") onLeave();
    else if (command) apply(command);
  });
  usePaste((text) => apply({ type: "edit", action: { type: "insert", text } }));

  const { editor, chosen } = composer.current;
  const { rows: laid, cursor } = layOut(editor.text, editor.cursor, room);
  const first = Math.max(0, Math.min(cursor.row - rows + 1, laid.length - rows));
  const shown = laid.slice(first, first + rows);
  setCursorPosition({ x: prompt.length + cursor.column, y: top + 1 + cursor.row - first });

  const menu = menuOf(composer.current, commands);
  const firstChoice = Math.max(0, (chosen ?? 0) - rows + 1);
  const below = hint
    ? [paint([span(shorten(hint, columns), { dim: true })])]
    : menu.slice(firstChoice, firstChoice + rows).map((command, index) => {
        return menuLine(command, firstChoice + index === (chosen ?? 0), columns);
      });
  const lines = shown.map((row, index) => {
    const mark = first + index === 0 ? prompt : "  ";
    const isEmpty = editor.text === "";
    return paint([
      span(mark, { color: "cyan", bold: true }),
      isEmpty ? span(shorten("Write a message", room), { dim: true }) : span(row),
    ]);
  });
  return <Text wrap="truncate">{[" ", ...lines, ...below].join("\n")}</Text>;
}

function menuLine({ name, summary }: CommandSummary, isChosen: boolean, columns: number): string {
  const title = `  /${name}`.padEnd(16);
  const style = isChosen ? ({ bold: true, color: "cyan" } as const) : ({ dim: true } as const);
  return paint([
    span(shorten(title, columns), style),
    span(shorten(` ${summary}`, Math.max(1, columns - title.length)), { dim: true }),
  ]);
}
