import type { Press } from "./use-keys.ts";

/** One line that is being typed. The cursor counts characters. */
export interface Line {
  characters: readonly string[];
  cursor: number;
}

export function lineOf(text: string): Line {
  const characters = [...text];
  return { characters, cursor: characters.length };
}

/** The line after a key was pressed; the same object where it changes nothing. */
export function typeInto(line: Line, press: Press): Line {
  const { characters, cursor } = line;
  const move = (to: number) => (to < 0 || to > characters.length ? line : { characters, cursor: to });
  const replace = (from: number, to: number, text: readonly string[] = []) => ({
    characters: [...characters.slice(0, from), ...text, ...characters.slice(to)],
    cursor: from + text.length,
  });
  switch (press.type) {
    case "text":
      return replace(cursor, cursor, [...press.text]);
    case "backspace":
      return cursor === 0 ? line : replace(cursor - 1, cursor);
    case "delete":
      return replace(cursor, cursor + 1);
    case "clear":
      return replace(0, cursor);
    case "clear-word":
      return replace(wordStart(characters.slice(0, cursor).join("")), cursor);
    case "left":
      return move(cursor - 1);
    case "right":
      return move(cursor + 1);
    case "home":
      return move(0);
    case "end":
      return move(characters.length);
    default:
      return line;
  }
}

function wordStart(before: string): number {
  return [...before.slice(0, before.trimEnd().lastIndexOf(" ") + 1)].length;
}
