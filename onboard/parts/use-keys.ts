import { type Key, useInput, usePaste } from "ink";

/** One thing that a person did at the keyboard. */
export type Press =
  | { type: "text"; text: string }
  | { type: "enter" | "escape" | "backspace" | "delete" }
  | { type: "up" | "down" | "left" | "right" | "page-up" | "page-down" | "home" | "end" }
  | { type: "clear" | "clear-word" };

/** Hands out what is pressed, piece by piece; a paste is one text in one line. */
export function useKeys(onPress: (press: Press) => void): void {
  usePaste((text) => onPress({ type: "text", text: oneLine(text) }));
  useInput((input, key) => {
    for (const press of pressesOf(input, key)) onPress(press);
  });
}

const named: [keyof Key, Exclude<Press["type"], "text">][] = [
  ["escape", "escape"],
  ["return", "enter"],
  ["upArrow", "up"],
  ["downArrow", "down"],
  ["leftArrow", "left"],
  ["rightArrow", "right"],
  ["pageUp", "page-up"],
  ["pageDown", "page-down"],
  ["home", "home"],
  ["end", "end"],
  ["backspace", "backspace"],
  ["delete", "delete"],
];

const controls: Record<string, Exclude<Press["type"], "text">> = {
  a: "home",
  e: "end",
  h: "backspace",
  u: "clear",
  w: "clear-word",
};

export function pressesOf(input: string, key: Key): Press[] {
  const type = named.find(([name]) => key[name])?.[1] ?? (key.ctrl ? controls[input] : undefined);
  if (type) return [{ type }];
  if (key.ctrl || key.meta || key.tab || key.eventType === "release") return [];
  // Keys that come faster than they are read come in one piece, Enter and the like among them.
  return (input.match(/\p{Cc}|\P{Cc}+/gu) ?? []).flatMap((piece): Press[] => {
    if (!/\p{Cc}/u.test(piece)) return [{ type: "text", text: piece }];
    if (piece === "\r" || piece === "\n") return [{ type: "enter" }];
    if (piece === "\u007f") return [{ type: "backspace" }];
    const control = controls[String.fromCharCode(piece.charCodeAt(0) + 96)];
    return control ? [{ type: control }] : [];
  });
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\p{Cc}+/gu, " ");
}
