import { type CommandSummary, completions } from "./completion.ts";
import { continuesLine, type Editor, edit, emptyEditor } from "./editor.ts";
import { layOut } from "./editor-layout.ts";
import type { Command } from "./keys.ts";

/** The input line: what is being written, and where in the history and in the menu of commands one stands. */
export interface Composer {
  readonly editor: Editor;
  /** How many messages back; 0 is what is being written now. */
  readonly back: number;
  /** What was being written when the way into the history began. */
  readonly draft: string;
  /** The row of the menu that the arrows have chosen. */
  readonly chosen: number | undefined;
}

export interface Surroundings {
  commands: readonly CommandSummary[];
  history: readonly string[];
  /** Room for the text. */
  columns: number;
}

export const emptyComposer: Composer = { editor: emptyEditor, back: 0, draft: "", chosen: undefined };

export function menuOf({ editor, back }: Composer, commands: readonly CommandSummary[]): CommandSummary[] {
  return back > 0 ? [] : completions(editor.text, commands);
}

/** What a key does to the input. `send`: this text goes out. */
export function press(
  composer: Composer,
  command: Command,
  { commands, history, columns }: Surroundings,
): { composer: Composer; send?: string } {
  const { editor, chosen } = composer;
  const menu = menuOf(composer, commands);
  const choice = menu[chosen ?? 0];

  switch (command.type) {
    case "edit":
      return { composer: written(edit(editor, command.action), composer) };
    case "end-of-input":
      return { composer: written(edit(editor, { type: "delete" }), composer) };
    case "newline":
      return { composer: written(edit(editor, { type: "insert", text: "\n" }), composer) };
    case "enter-text":
      return press(
        { ...composer, editor: edit(editor, { type: "insert", text: command.text }) },
        { type: "enter" },
        {
          commands,
          history,
          columns,
        },
      );
    case "complete":
      return { composer: choice ? completed(choice) : composer };
    case "enter":
      if (continuesLine(editor)) {
        const text = `${editor.text.slice(0, -1)}\n`;
        return { composer: written(edit(editor, { type: "set", text }), composer) };
      }
      if (chosen !== undefined && choice) return { composer: completed(choice) };
      return editor.text.trim() === "" ? { composer } : { composer: emptyComposer, send: editor.text.trim() };
    case "escape":
      return { composer: { ...composer, chosen: undefined } };
    case "up":
    case "down":
      if (menu.length > 0) return { composer: { ...composer, chosen: nextChoice(command.type, chosen, menu.length) } };
      return { composer: moved(composer, command.type, history, columns) };
    default:
      return { composer };
  }
}

function written(editor: Editor, composer: Composer): Composer {
  const isSame = editor.text === composer.editor.text;
  return isSame ? { ...composer, editor } : { ...emptyComposer, editor };
}

function completed({ name }: CommandSummary): Composer {
  return { ...emptyComposer, editor: edit(emptyEditor, { type: "set", text: `/${name} ` }) };
}

function nextChoice(direction: "up" | "down", chosen: number | undefined, count: number): number {
  if (chosen === undefined) return direction === "down" ? 0 : count - 1;
  return (chosen + (direction === "down" ? 1 : count - 1)) % count;
}

/** Within the text by rows; at its first and last row through the history. */
function moved(composer: Composer, direction: "up" | "down", history: readonly string[], columns: number): Composer {
  const { editor, back, draft } = composer;
  const { rows, cursor } = layOut(editor.text, editor.cursor, columns);
  const isAtEdge = cursor.row === (direction === "up" ? 0 : rows.length - 1);
  if (!isAtEdge) return { ...composer, editor: edit(editor, { type: `row-${direction}`, columns }) };

  const further = back + (direction === "up" ? 1 : -1);
  if (further < 0 || further > history.length) return composer;
  const text = further === 0 ? draft : (history[history.length - further] ?? "");
  return {
    editor: edit(editor, { type: "set", text }),
    back: further,
    draft: back === 0 ? editor.text : draft,
    chosen: undefined,
  };
}
