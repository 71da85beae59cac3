import stringWidth from "string-width";

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** What a person sees as single characters. */
export function graphemes(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** How many columns of a terminal `text` takes; it must hold no newline. */
export function columnsOf(text: string): number {
  return stringWidth(text);
}

/** The beginning of `text` that fits into `columns`, with `…` where something was left out. */
export function shorten(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let fitted = "";
  let width = 0;
  for (const grapheme of graphemes(text)) {
    width += columnsOf(grapheme);
    if (width > columns - 1) break;
    fitted += grapheme;
  }
  return `${fitted}…`;
}
