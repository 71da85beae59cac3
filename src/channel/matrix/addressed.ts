import type { IncomingMessage } from "./incoming.ts";

/** What an account is called by. */
export interface Addressee {
  userId: string;
  names: readonly string[];
}

/** True when a message in a larger room is meant for this account: by intent, by its full id, or by a name as a word. */
export function isAddressed(
  { body, mentions }: Pick<IncomingMessage, "body" | "mentions">,
  { userId, names }: Addressee,
): boolean {
  if (mentions.includes(userId) || body.includes(userId)) return true;
  return names.some((name) => name.trim() !== "" && wordOf(name.trim()).test(body));
}

/**
 * The command that a message is, without the name of the one it is for: `/stop`, `Memtrix: /stop`, `/stop @memtrix:here`.
 * Undefined when it is none.
 */
export function commandIn(body: string, { userId, names }: Addressee): string | undefined {
  const called = [userId, ...names.map((name) => name.trim())].filter(Boolean).map(literalOf).join("|");
  const command = body.trim().replace(new RegExp(`^@?(?:${called})[:,]?\\s+(?=[/!][a-z])`, "iu"), "");
  if (!/^[/!][a-z]/i.test(command)) return undefined;
  return command.replace(new RegExp(`^([/!][a-z]+)\\s+@?(?:${called})[:,]?$`, "iu"), "$1");
}

function wordOf(name: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}_])${literalOf(name)}(?![\\p{L}\\p{N}_])`, "iu");
}

function literalOf(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
