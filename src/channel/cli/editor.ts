import { layOut, positionAt } from "./editor-layout.ts";
import { graphemes } from "./graphemes.ts";

/** The text that is being written. `cursor` counts UTF-16 units and stands between two graphemes. */
export interface Editor {
  readonly text: string;
  readonly cursor: number;
}

export type EditorAction =
  | { type: "insert"; text: string }
  | { type: "set"; text: string }
  | { type: "backspace" | "delete" | "left" | "right" | "word-left" | "word-right" }
  | { type: "kill-word" | "kill-word-right" | "kill-to-start" | "kill-to-end" }
  /** Of the line between two newlines. */
  | { type: "line-start" | "line-end" }
  /** By one row as it is laid out over `columns`. */
  | { type: "row-up" | "row-down"; columns: number };

export const emptyEditor: Editor = { text: "", cursor: 0 };

export function edit(editor: Editor, action: EditorAction): Editor {
  const { text, cursor } = editor;
  switch (action.type) {
    case "insert": {
      const inserted = plainText(action.text);
      return replace(editor, cursor, cursor, inserted);
    }
    case "set":
      return { text: action.text, cursor: action.text.length };
    case "backspace":
      return replace(editor, before(editor), cursor, "");
    case "delete":
      return replace(editor, cursor, after(editor), "");
    case "left":
      return { text, cursor: before(editor) };
    case "right":
      return { text, cursor: after(editor) };
    case "word-left":
      return { text, cursor: wordStart(editor) };
    case "word-right":
      return { text, cursor: wordEnd(editor) };
    case "kill-word":
      return replace(editor, wordStart(editor), cursor, "");
    case "kill-word-right":
      return replace(editor, cursor, wordEnd(editor), "");
    case "kill-to-start":
      return replace(editor, lineStart(editor), cursor, "");
    case "kill-to-end":
      return replace(editor, cursor, lineEnd(editor), "");
    case "line-start":
      return { text, cursor: lineStart(editor) };
    case "line-end":
      return { text, cursor: lineEnd(editor) };
    case "row-up":
    case "row-down": {
      const { row, column } = layOut(text, cursor, action.columns).cursor;
      return { text, cursor: positionAt(text, row + (action.type === "row-up" ? -1 : 1), column, action.columns) };
    }
  }
}

/** A backslash at the end of the line asks for a new line instead of sending. */
export function continuesLine({ text, cursor }: Editor): boolean {
  return cursor === text.length && text.endsWith("\\");
}

/** Pasted text as it is kept: newlines are `\n`, and nothing in it can reach for the terminal. */
function plainText(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");
}

function replace({ text }: Editor, from: number, to: number, inserted: string): Editor {
  return { text: text.slice(0, from) + inserted + text.slice(to), cursor: from + inserted.length };
}

function before({ text, cursor }: Editor): number {
  return cursor - (graphemes(text.slice(0, cursor)).at(-1)?.length ?? 0);
}

function after({ text, cursor }: Editor): number {
  return cursor + (graphemes(text.slice(cursor))[0]?.length ?? 0);
}

function wordStart({ text, cursor }: Editor): number {
  return text.slice(0, cursor).replace(/[\p{L}\p{N}\p{M}_]*[^\p{L}\p{N}\p{M}_]*$/u, "").length;
}

function wordEnd({ text, cursor }: Editor): number {
  return cursor + (/^[^\p{L}\p{N}\p{M}_]*[\p{L}\p{N}\p{M}_]*/u.exec(text.slice(cursor))?.[0].length ?? 0);
}

function lineStart({ text, cursor }: Editor): number {
  return text.lastIndexOf("\n", cursor - 1) + 1;
}

function lineEnd({ text, cursor }: Editor): number {
  const end = text.indexOf("\n", cursor);
  return end === -1 ? text.length : end;
}
