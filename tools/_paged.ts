const pageCharacters = 30_000;

/** A part of a long text from `offset` on, and how to get the rest. */
export function paged(text: string, offset: number): string {
  if (text === "") return "[There is no text in it.]";
  if (offset >= text.length) return `[It ends at character ${text.length}.]`;
  const end = endOfPage(text, offset);
  const part = text.slice(offset, end);
  if (end >= text.length) return offset === 0 ? part : `${part}\n\n[This is the end.]`;
  return `${part}\n\n[Characters ${offset} to ${end} of ${text.length}. The rest: offset ${end}.]`;
}

/** At the end of a line where there is one not far before. */
function endOfPage(text: string, offset: number): number {
  const most = offset + pageCharacters;
  if (most >= text.length) return text.length;
  const line = text.lastIndexOf("\n", most);
  return line > offset + pageCharacters / 2 ? line + 1 : most;
}
