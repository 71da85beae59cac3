import { Text } from "ink";
import { accent } from "./colors.ts";
import { lineOf, typeInto } from "./line.ts";
import { useKeys } from "./use-keys.ts";
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
  const [line, setLine] = useLatest(lineOf(initial));

  useKeys((press) => {
    const { characters, cursor } = line.current;
    if (press.type === "escape" || (press.type === "left" && cursor === 0)) return onBack();
    if (press.type === "enter") return onSubmit(characters.join(""));
    setLine(typeInto(line.current, press));
    onChange?.();
  });

  const { characters, cursor } = line.current;
  const shown = hidden ? characters.map(() => "•") : characters;
  const start = Math.max(0, Math.min(cursor - widest + 1, shown.length - widest + 1));
  return (
    <Text>
      <Text {...accent()}>› </Text>
      {start > 0 && <Text dimColor>…</Text>}
      {shown.slice(start, cursor).join("")}
      <Text inverse>{shown[cursor] ?? " "}</Text>
      {shown.slice(cursor + 1, start + widest).join("")}
      {shown.length === 0 && <Text dimColor>{placeholder}</Text>}
    </Text>
  );
}
