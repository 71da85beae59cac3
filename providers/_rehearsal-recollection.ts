/**
 * The best of what `search_memory` found on a matter, as a quotation with its date. Left out is what answers nothing:
 * questions, what the agent said itself, and what shares no more than small words with the matter. Undefined when
 * nothing remains.
 */
export function bestRecollection(result: string, matter: string, agent: string): string | undefined {
  const key = longestWord(matter);
  for (const [, day, source, words = ""] of result.matchAll(/^\[(\d{4}-\d{2}-\d{2})([^\]]*)\] (.+)$/gm)) {
    const isQuestion = words.trimEnd().endsWith("?");
    const isOwn = words.startsWith(`${agent}: `);
    if (!isQuestion && !isOwn && words.toLowerCase().includes(key)) return `From ${day}${source}:\n\n> ${words}`;
  }
  return undefined;
}

/** It says most about the matter: "dentist" in "see the dentist". Without the s of a plural. */
function longestWord(matter: string): string {
  const words = matter.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const longest = words.reduce((best, word) => (word.length >= best.length ? word : best), "");
  return longest.replace(/s$/, "");
}
