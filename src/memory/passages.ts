import { dayOf, timeOf } from "../time.ts";
import type { Candidate } from "./line-scores.ts";
import { describeRecollection, type Recollection, tokensOf } from "./memory.ts";

export interface Room {
  /** The most passages. */
  limit: number;
  /** What all of them may have, as they are described. */
  tokens: number;
}

/** Between two passages stands an empty line. */
const gapTokens = 1;

/**
 * Passages out of lines, best first, as many as there is room for. Lines that follow each other become one passage; what
 * says the same as a better line is left out.
 */
export function passagesOf(ranked: readonly Candidate[], { limit, tokens }: Room, timezone: string): Recollection[] {
  const passages: Candidate[][] = [];
  const passageOf = new Map<Candidate, Candidate[]>();
  const seen = new Set<string>();
  let left = tokens;

  for (const line of ranked) {
    const words = line.text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ");
    if (seen.has(words)) continue;
    const [before, after] = [line.before && passageOf.get(line.before), line.after && passageOf.get(line.after)];
    if (!before && !after && passages.length === limit) continue;

    const joined = [...(before ?? []), line, ...(after ?? [])];
    const freed = [before, after].reduce((sum, passage) => sum + (passage ? costOf(passage, timezone) : 0), 0);
    const cost = costOf(joined, timezone) - freed;
    if (cost > left) {
      if (left < leastTokens) break;
      continue;
    }
    left -= cost;
    seen.add(words);
    const at = Math.min(...[before, after].map((one) => (one ? passages.indexOf(one) : passages.length)));
    if (before && after) passages.splice(passages.indexOf(passages.indexOf(before) === at ? after : before), 1);
    passages[at] = joined;
    for (const one of joined) passageOf.set(one, joined);
  }
  return passages.map((lines) => recollectionOf(lines, timezone));
}

/** Less than any line with its date takes. */
const leastTokens = 10;

function costOf(lines: readonly Candidate[], timezone: string): number {
  return tokensOf(describeRecollection(recollectionOf(lines, timezone))) + gapTokens;
}

function recollectionOf(lines: readonly Candidate[], timezone: string): Recollection {
  const [first] = lines as [Candidate];
  const at = new Date(first.at);
  return {
    ...(first.day === undefined
      ? { source: "conversation", day: dayOf(at, timezone), time: timeOf(at, timezone) }
      : { source: "journal", day: first.day }),
    origin: originOf(lines),
    lines: lines.map(({ who, text, entry }) => ({ who, text, ...(entry === undefined ? {} : { entry }) })),
  };
}

/** The least trusted of them. */
function originOf(lines: readonly Candidate[]): Recollection["origin"] {
  for (const origin of ["web", "guest", "derived", "agent"] as const)
    if (lines.some((line) => line.origin === origin)) return origin;
  return "owner";
}
