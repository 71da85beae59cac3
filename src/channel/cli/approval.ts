import type { Key } from "ink";

/** How long the keyboard must have been quiet: what was being typed when a question came up is no answer to it. */
export const quietBeforeAnswerMs = 400;

/** The answer that one key gives to a question, or undefined for any other key. */
export function answerOf(input: string, key: Key, quietMs: number): "yes" | "no" | undefined {
  if (quietMs < quietBeforeAnswerMs || key.ctrl || key.meta) return undefined;
  if (key.escape || input === "n" || input === "N") return "no";
  return input === "y" || input === "Y" ? "yes" : undefined;
}
