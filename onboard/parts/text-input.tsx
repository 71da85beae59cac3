import { Text, useInput, usePaste } from "ink";
import { useLatest } from "./use-latest.ts";

export interface TextInputProps {
  initial?: string;
  /** Shown as dots. */
  hidden?: boolean;
  /** Stands there while nothing is typed. */
  placeholder?: string;
  onSubmit(text: string): void;
  onBack(): void;
  onChange?(): void;
}

const widest = 60;

/** One line of text. Esc goes back, and so does ← where it cannot move the cursor. */
export function TextInput({
  initial = "",
  hidden = false,
  placeholder = "",
  onSubmit,
  onBack,
  onChange,
}: TextInputProps) {
  const [state, set] = useLatest({ characters: [...initial], cursor: [...initial].length });

  const replace = (from: number, to: number, inserted: readonly string[]) => {
    const { characters } = state.current;
    set({
      characters: [...characters.slice(0, from), ...inserted, ...characters.slice(to)],
      cursor: from + inserted.length,
    });
    onChange?.();
  };
  const move = (cursor: number) =>
    set({ ...state.current, cursor: Math.max(0, Math.min(cursor, state.current.characters.length)) });
  const insert = (text: string) =>
    replace(state.current.cursor, state.current.cursor, [...text.replaceAll(/\p{Cc}/gu, "")]);

  usePaste((text) => insert(text.trim()));
  useInput((input, key) => {
    const { characters, cursor } = state.current;
    if (key.escape || (key.leftArrow && cursor === 0)) return onBack();
    if (key.leftArrow) return move(cursor - 1);
    if (key.rightArrow) return move(cursor + 1);
    if (key.home || (key.ctrl && input === "a")) return move(0);
    if (key.end || (key.ctrl && input === "e")) return move(characters.length);
    if (key.ctrl && input === "u") return replace(0, cursor, []);
    if (key.ctrl && input === "w") return replace(wordStart(characters, cursor), cursor, []);
    if (key.backspace) return replace(Math.max(0, cursor - 1), cursor, []);
    if (key.delete) return replace(cursor, cursor + 1, []);
    if (key.return) return onSubmit(characters.join(""));
    if (key.ctrl || key.meta || key.tab || key.upArrow || key.downArrow) return;
    // What is typed fast comes in one piece, the Enter with it.
    const [first = "", ...rest] = input.split(/[\r\n]/);
    insert(first);
    if (rest.length > 0) onSubmit(state.current.characters.join(""));
  });

  const { characters, cursor } = state.current;
  const shown = hidden ? characters.map(() => "•") : characters;
  const start = Math.max(0, Math.min(cursor - widest + 1, shown.length - widest + 1));
  return (
    <Text>
      <Text color="cyan">› </Text>
      {start > 0 && <Text dimColor>…</Text>}
      {shown.slice(start, cursor).join("")}
      <Text inverse>{shown[cursor] ?? " "}</Text>
      {shown.slice(cursor + 1, start + widest).join("")}
      {shown.length === 0 && <Text dimColor>{placeholder}</Text>}
    </Text>
  );
}

function wordStart(characters: readonly string[], cursor: number): number {
  const before = characters.slice(0, cursor).join("").trimEnd();
  return [...before.slice(0, before.lastIndexOf(" ") + 1)].length;
}
