import { Box, Text, useWindowSize } from "ink";
import type { ReactNode } from "react";
import { accent } from "./colors.ts";
import { lineOf, typeInto } from "./line.ts";
import { listRowsOf } from "./screen-size.ts";
import { useKeys } from "./use-keys.ts";
import { useLatest } from "./use-latest.ts";

export interface Choice<Value> {
  value: Value;
  label: string;
  /** Beside the label. */
  detail?: ReactNode;
}

export interface ChoiceListProps<Value> {
  choices: readonly Choice<Value>[];
  /** Which one is marked at first. */
  initial?: number;
  /** Typing narrows the list down. */
  filter?: boolean;
  /** Takes what was typed when it is none of the choices. */
  onFree?(text: string): void;
  /** The row that offers to do so; undefined for what cannot be taken. */
  freeLabel?(text: string): string | undefined;
  /** Stands there when there is nothing to choose from. */
  empty?: string;
  onChoose(value: Value): void;
  onBack(): void;
}

/** A list to choose one of. ↑ and ↓ move, Enter takes it, Esc and ← go back (Esc first forgets what was typed). */
export function ChoiceList<Value>(props: ChoiceListProps<Value>) {
  const { choices, initial = 0, filter = false, onFree, freeLabel = (text) => text, onChoose, onBack } = props;
  const { empty = "nothing matches; Esc shows all again" } = props;
  const rows = listRowsOf(useWindowSize().rows);
  const [state, set] = useLatest({ typed: "", marked: Math.max(0, initial) });

  const matching = (typed: string) => {
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    return choices.filter(({ label }) => words.every((word) => label.toLowerCase().includes(word)));
  };
  const freeRow = (typed: string) => {
    if (!onFree || typed === "" || choices.some(({ label }) => label === typed)) return undefined;
    return freeLabel(typed);
  };
  const count = (typed: string) => matching(typed).length + (freeRow(typed) ? 1 : 0);
  const mark = (marked: number) => {
    const { typed } = state.current;
    set({ typed, marked: Math.max(0, Math.min(marked, count(typed) - 1)) });
  };
  const type = (typed: string) => set({ typed, marked: 0 });
  const take = () => {
    const { typed, marked } = state.current;
    const choice = matching(typed)[marked];
    if (choice) onChoose(choice.value);
    else if (freeRow(typed)) onFree?.(typed);
  };

  useKeys((press) => {
    const { typed, marked } = state.current;
    switch (press.type) {
      case "escape":
        return typed ? type("") : onBack();
      case "left":
        return onBack();
      case "up":
        return mark(marked - 1);
      case "down":
        return mark(marked + 1);
      case "page-up":
        return mark(marked - rows);
      case "page-down":
        return mark(marked + rows);
      case "home":
        return mark(0);
      case "end":
        return mark(Number.POSITIVE_INFINITY);
      case "enter":
        return take();
      default:
        if (filter) type(typeInto(lineOf(typed), press).characters.join(""));
    }
  });

  const { typed, marked } = state.current;
  const free = freeRow(typed);
  const shown: Pick<Choice<Value>, "label" | "detail">[] = [...matching(typed), ...(free ? [{ label: free }] : [])];
  const start = Math.max(0, Math.min(marked - Math.floor(rows / 2), shown.length - rows));
  const visible = shown.map((row, position) => ({ ...row, position })).slice(start, start + rows);
  const longest = Math.max(...visible.map(({ label }) => label.length), 0);
  const hasDetails = visible.some(({ detail }) => detail);
  const width = hasDetails ? Math.min(44, longest) : longest;
  return (
    <Box flexDirection="column">
      {filter && (
        <Text>
          <Text dimColor>Search: </Text>
          {typed}
          <Text inverse> </Text>
        </Text>
      )}
      {visible.map(({ label, detail, position }) => (
        <Box key={position} gap={2}>
          <Box width={width + 2} flexShrink={hasDetails ? 0 : 1}>
            <Text wrap="truncate-middle" {...(position === marked ? accent() : {})}>
              {position === marked ? "❯ " : "  "}
              {label}
            </Text>
          </Box>
          {detail && <Text wrap="truncate">{detail}</Text>}
        </Box>
      ))}
      {shown.length === 0 && empty && <Text dimColor>{`  ${empty}`}</Text>}
      {shown.length > rows && (
        <Text dimColor>
          {"  "}
          {start + 1} to {start + visible.length} of {shown.length}
        </Text>
      )}
    </Box>
  );
}
