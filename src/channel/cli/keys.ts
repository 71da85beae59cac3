import type { Key } from "ink";
import type { EditorAction } from "./editor.ts";

/** What a key means at the input; the screen decides what becomes of it. */
export type Command =
  | { type: "edit"; action: EditorAction }
  | { type: "up" | "down" | "enter" | "newline" | "complete" | "interrupt" | "end-of-input" | "escape" }
  /** Several keys that came in one piece, the last of them Enter: typed faster than the line carries. */
  | { type: "enter-text"; text: string };

const controls: Record<string, EditorAction["type"]> = {
  a: "line-start",
  e: "line-end",
  b: "left",
  f: "right",
  h: "backspace",
  k: "kill-to-end",
  u: "kill-to-start",
  w: "kill-word",
};

export function commandFor(input: string, key: Key): Command | undefined {
  const isWordwise = key.meta || key.ctrl;
  const act = (type: EditorAction["type"]): Command => ({ type: "edit", action: { type } as EditorAction });

  if (key.eventType === "release") return undefined;
  if (key.return) return { type: key.meta || key.shift ? "newline" : "enter" };
  if (key.escape) return { type: "escape" };
  if (key.tab) return key.shift ? undefined : { type: "complete" };
  if (key.upArrow) return { type: "up" };
  if (key.downArrow) return { type: "down" };
  if (key.leftArrow) return act(isWordwise ? "word-left" : "left");
  if (key.rightArrow) return act(isWordwise ? "word-right" : "right");
  if (key.home) return act("line-start");
  if (key.end) return act("line-end");
  if (key.backspace) return act(isWordwise ? "kill-word" : "backspace");
  if (key.delete) return act(isWordwise ? "kill-word-right" : "delete");
  if (key.ctrl) return controlCommand(input, act);
  if (key.meta) return metaCommand(input, act);
  if (input === "\n") return { type: "newline" };
  if (/^[^\r\n]+\r$/.test(input)) return { type: "enter-text", text: input.slice(0, -1) };
  return input === "" ? undefined : { type: "edit", action: { type: "insert", text: input } };
}

function controlCommand(input: string, act: (type: EditorAction["type"]) => Command): Command | undefined {
  if (input === "c") return { type: "interrupt" };
  if (input === "d") return { type: "end-of-input" };
  if (input === "j") return { type: "newline" };
  if (input === "p") return { type: "up" };
  if (input === "n") return { type: "down" };
  const action = controls[input];
  return action && act(action);
}

function metaCommand(input: string, act: (type: EditorAction["type"]) => Command): Command | undefined {
  if (input === "b") return act("word-left");
  if (input === "f") return act("word-right");
  if (input === "d") return act("kill-word-right");
  return undefined;
}
