/**
 * Characters that a reader does not see or that change how the rest is shown: controls, formatting, halves of pairs,
 * noncharacters. The variation selectors of emoji are harmless.
 */
export const invisible = /[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}\p{NChar}]--[\ufe00-\ufe0f]]/v;

const everyInvisible = new RegExp(invisible, "gv");

/** The text as a person or a model may be shown it, in backquotes: nothing invisible, long ones by head and tail. */
export function quoted(text: string, maxCharacters = 120): string {
  const characters = [...text];
  const tailLength = Math.floor(maxCharacters / 3);
  const short =
    characters.length <= maxCharacters
      ? text
      : `${characters.slice(0, maxCharacters - tailLength).join("")} … ${characters.slice(-tailLength).join("")}`;
  return `\`${visible(short).replaceAll("`", "\\u{60}")}\``;
}

/** The text with each invisible character as its number: `a\u{200b}b`. */
export function visible(text: string): string {
  return text.replace(everyInvisible, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
