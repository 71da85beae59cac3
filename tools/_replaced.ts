/**
 * The text with `old` replaced by `replacement` where it stands exactly: once, or everywhere with `all`. Line ends are
 * those of the text. Throws one sentence that says why it does not fit.
 */
export function replaced(
  text: string,
  old: string,
  replacement: string,
  all: boolean,
): { text: string; count: number } {
  if (old === replacement) throw new Error("old and new are the same: nothing would change.");
  const adapt = (part: string) => (text.includes("\r\n") ? part.replace(/\r?\n/g, "\r\n") : part);
  const parts = text.split(adapt(old));
  const count = parts.length - 1;
  if (count === 0) throw new Error(whyAbsent(text, old));
  if (count > 1 && !all) {
    const lines = parts.slice(0, -1).map((_, index) => lineAfter(parts.slice(0, index + 1).join(adapt(old))));
    throw new Error(
      `old stands there ${count} times (lines ${lines.slice(0, 10).join(", ")}): give more of the text around it, or set all.`,
    );
  }
  return { text: parts.join(adapt(replacement)), count };
}

function whyAbsent(text: string, old: string): string {
  const loose = loosely(old);
  const found = loose && new RegExp(loose).exec(text);
  if (!found) return "old does not stand in the file: read it again and copy the text exactly, without line numbers.";
  return `old stands at line ${lineAfter(text.slice(0, found.index))} only with other spaces or line breaks: copy it exactly.`;
}

/** A pattern for the same words with any white space between them. */
function loosely(old: string): string {
  const words = old.split(/\s+/).filter((word) => word !== "");
  return words.map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("\\s+");
}

function lineAfter(text: string): number {
  return text.split("\n").length;
}
