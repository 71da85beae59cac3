import { Text, useCursor, useInput, usePaste } from "ink";
import type { CommandSummary } from "./completion.ts";
import { press } from "./composer.ts";
import type { History } from "./history.ts";
import { type InputView, inputRoom } from "./input-lines.ts";
import { type Command, commandFor } from "./keys.ts";
import type { ComposerState } from "./use-composer.ts";

export interface InputProps {
  view: InputView;
  composer: ComposerState;
  commands: readonly CommandSummary[];
  history: History;
  columns: number;
  /** How many rows stand above, within what changes. */
  top: number;
  onSend(text: string): void;
  onInterrupt(): void;
  onLeave(): void;
}

/** Where the person writes: the end of what they see, with the terminal's own cursor in it. */
export function Input(props: InputProps) {
  const { view, composer, commands, history, columns, top, onSend, onInterrupt, onLeave } = props;
  const { setCursorPosition } = useCursor();
  setCursorPosition({ x: view.cursor.column, y: top + view.cursor.row });

  function apply(command: Command): void {
    const surroundings = { commands, history: history.entries, columns: inputRoom(columns) };
    const pressed = press(composer.latest(), command, surroundings);
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

  return <Text wrap="truncate">{view.lines.join("\n")}</Text>;
}
