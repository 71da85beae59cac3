/** About how many tokens a text has: one is about 3.5 bytes of UTF-8 in the languages and models that were looked at. */
export function tokensIn(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 3.5);
}

/** The beginning of a text, at most so many tokens of it, up to the end of a sentence or line where there is one. */
export function beginningOf(text: string, tokens: number): string {
  if (tokensIn(text) <= tokens) return text;
  const kept = Buffer.from(text)
    .subarray(0, Math.max(0, Math.floor(tokens * 3.5) - 4))
    .toString("utf8")
    .replace(/\ufffd+$/, "");
  const end = Math.max(kept.lastIndexOf("\n"), kept.lastIndexOf(". ") + 1);
  return `${kept.slice(0, end > kept.length / 2 ? end : kept.length).trimEnd()} …`;
}
