/**
 * The best of what `search_memory` found on a matter, as a sentence with its date. Left out is what answers nothing:
 * questions, what the agent said itself, and what shares no more than small words with the matter. Undefined when
 * nothing remains.
 */
export function bestRecollection(result: string, matter: string, agent: string): string | undefined {
  const key = longestWord(matter);
  for (const [, day = "", source = "", passage = ""] of result.matchAll(passages))
    for (const line of passage.split("\n")) {
      const [, who = "", words = ""] = /^([^:]+): (?:\d\d:\d\d )?(.+)$/.exec(line) ?? [];
      const isQuestion = words.trimEnd().endsWith("?");
      if (isQuestion || who === agent || !words.toLowerCase().includes(key)) continue;
      return `${introduction(day, source, who)}\n\n> ${words}`;
    }
  return undefined;
}

/** `[2026-11-19 20:15] you: …` or `[2026-11-19, journal] Notes: …`, with the lines that follow. */
const passages = /^\[(\d{4}-\d{2}-\d{2})([^\]]*)\] (.+(?:\n(?!\[).+)*)/gm;

/** Nothing that could be taken for the claim to have saved something just now. */
function introduction(day: string, source: string, who: string): string {
  if (source.includes("from outside")) return `From outside, on ${day}:`;
  if (source.startsWith(", journal")) return `From my journal of ${day}:`;
  return who === "you" ? `You said on ${day}:` : `${who} said on ${day}:`;
}

/** It says most about the matter: "dentist" in "see the dentist". Without the s of a plural. */
function longestWord(matter: string): string {
  const words = matter.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const longest = words.reduce((best, word) => (word.length >= best.length ? word : best), "");
  return longest.replace(/s$/, "");
}
