/** Controls, formatting, variation selectors, tags, halves of pairs: no reader sees them, a model does. */
const unseen = /[[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{DI}\p{NChar}]--[\n\t]]/gv;

/** A text as a reader sees it. */
export function shownText(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(unseen, "");
}
