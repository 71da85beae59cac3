import type { IncomingMessage } from "./incoming.ts";

/** True when a message in a larger room is meant for this account: by intent, by its full id, or by a name as a word. */
export function isAddressed(
  { body, mentions }: Pick<IncomingMessage, "body" | "mentions">,
  { userId, names }: { userId: string; names: readonly string[] },
): boolean {
  if (mentions.includes(userId) || body.includes(userId)) return true;
  return names.some((name) => name.trim() !== "" && wordOf(name.trim()).test(body));
}

function wordOf(name: string): RegExp {
  const literal = name.replace(
    /[\\^$.*+?()[\]{}|/-]/g,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
  return new RegExp(`(?<![\\p{L}\\p{N}_])${literal}(?![\\p{L}\\p{N}_])`, "iu");
}
