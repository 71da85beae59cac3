import { Box, Text, useInput, usePaste } from "ink";
import type { ReactNode } from "react";
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
  /** Takes what was typed when it is none of the choices; `freeLabel` says so in the list. */
  onFree?(text: string): void;
  freeLabel?(text: string): string;
  /** Stands there when there is nothing to choose from. */
  empty?: string;
  onChoose(value: Value): void;
  onBack(): void;
}

const rows = 10;

/** A list to choose one of. ↑ and ↓ move, Enter takes it, Esc and ← go back (Esc first forgets what was typed). */
export function ChoiceList<Value>(props: ChoiceListProps<Value>) {
  const { choices, initial = 0, filter = false, onFree, freeLabel = (text) => text, onChoose, onBack } = props;
  const { empty = "nothing matches; Esc shows all again" } = props;
  const [state, set] = useLatest({ typed: "", marked: Math.max(0, initial) });

  const matching = (typed: string) => {
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    return choices.filter(({ label }) => words.every((word) => label.toLowerCase().includes(word)));
  };
  const isFree = (typed: string) =>
    onFree !== undefined && typed !== "" && !choices.some(({ label }) => label === typed);
  const count = (typed: string) => matching(typed).length + (isFree(typed) ? 1 : 0);
  const mark = (marked: number) => {
    const { typed } = state.current;
    set({ typed, marked: Math.max(0, Math.min(marked, count(typed) - 1)) });
  };
  const type = (typed: string) => set({ typed, marked: 0 });
  const take = () => {
    const { typed, marked } = state.current;
    const choice = matching(typed)[marked];
    if (choice) onChoose(choice.value);
    else if (isFree(typed)) onFree?.(typed);
  };

  usePaste((text) => filter && type(state.current.typed + text.trim().split(/\s/)[0]));
  useInput((input, key) => {
    const { typed, marked } = state.current;
    if (key.escape && typed) return type("");
    if (key.escape || key.leftArrow) return onBack();
    if (key.upArrow) return mark(marked - 1);
    if (key.downArrow) return mark(marked + 1);
    if (key.pageUp) return mark(marked - rows);
    if (key.pageDown) return mark(marked + rows);
    if (key.home) return mark(0);
    if (key.end) return mark(Number.POSITIVE_INFINITY);
    if (key.return) return take();
    if (!filter || key.ctrl || key.meta || key.tab || key.rightArrow) return;
    if (key.backspace || key.delete) return type([...typed].slice(0, -1).join(""));
    // What is typed fast comes in one piece, the Enter with it.
    const [first = "", ...rest] = input.split(/[\r\n]/);
    type(typed + first);
    if (rest.length > 0) take();
  });

  const { typed, marked } = state.current;
  const shown = [
    ...matching(typed).map(({ label, detail }) => ({ label, detail })),
    ...(isFree(typed) ? [{ label: freeLabel(typed), detail: undefined }] : []),
  ];
  const start = Math.max(0, Math.min(marked - Math.floor(rows / 2), shown.length - rows));
  const visible = shown.map((row, position) => ({ ...row, position })).slice(start, start + rows);
  const width = Math.min(44, Math.max(...visible.map(({ label }) => label.length), 0));
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
          <Box width={width + 2} flexShrink={0}>
            <Text wrap="truncate-middle" {...(position === marked ? { color: "cyan", bold: true } : {})}>
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
