/**
 * The best of what `search_memory` found, as a quotation with its date. Left out is what answers nothing: questions, and
 * what the agent said itself. Undefined when nothing remains.
 */
export function bestRecollection(result: string, agent: string): string | undefined {
  for (const [, day, source, words = ""] of result.matchAll(/^\[(\d{4}-\d{2}-\d{2})([^\]]*)\] (.+)$/gm)) {
    const isQuestion = words.trimEnd().endsWith("?");
    const isOwn = words.startsWith(`${agent}: `);
    if (!isQuestion && !isOwn) return `From ${day}${source}:\n\n> ${words}`;
  }
  return undefined;
}
