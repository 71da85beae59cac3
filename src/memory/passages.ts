import { dayOf, timeOf } from "../time.ts";
import type { Candidate } from "./line-scores.ts";
import { describeRecollection, type Recollection } from "./memory.ts";
import { createIsSaid } from "./near-duplicates.ts";

export interface Room {
  /** The most passages. */
  limit: number;
  /** What all of them may have, as they are described. */
  tokens: number;
}

/** Between two passages stands an empty line. */
const gapTokens = 1;

/** Less than any line with its date takes. */
const leastTokens = 10;

interface Passage {
  lines: Candidate[];
  /** Of all that is described, and of the date before the lines. */
  characters: number;
  headCharacters: number;
}

/**
 * Passages out of lines, best first, as many as there is room for. Lines that follow each other become one passage; what
 * says much the same as a better line is left out.
 */
export function passagesOf(ranked: readonly Candidate[], { limit, tokens }: Room, timezone: string): Recollection[] {
  const passages: Passage[] = [];
  const passageOf = new Map<Candidate, Passage>();
  const isSaid = createIsSaid();
  let left = tokens;

  for (const line of ranked) {
    const [before, after] = [line.before && passageOf.get(line.before), line.after && passageOf.get(line.after)];
    if (!before && !after && passages.length === limit) continue;

    const joined = [before, passageWith(line), after].filter((one) => one !== undefined).reduce(join);
    const freed = (before ? costOf(before) : 0) + (after ? costOf(after) : 0);
    const cost = costOf(joined) - freed;
    if (cost > left) {
      if (left < leastTokens) break;
      continue;
    }
    if (isSaid(line.text)) continue;
    left -= cost;
    const at = Math.min(...[before, after].map((one) => (one ? passages.indexOf(one) : passages.length)));
    if (before && after) passages.splice(passages.indexOf(passages.indexOf(before) === at ? after : before), 1);
    passages[at] = joined;
    for (const one of joined.lines) passageOf.set(one, joined);
  }
  return passages.map(({ lines }) => recollectionOf(lines, timezone));
}

/** What it takes does not depend on its date, which is long to make: all dates are of one length. */
function passageWith(line: Candidate): Passage {
  const recollection: Recollection = {
    ...(line.day === undefined ? { source: "conversation", time: "00:00" } : { source: "journal" }),
    ...{ day: "0000-00-00", origin: line.origin, lines: [line] },
  };
  return {
    lines: [line],
    characters: describeRecollection(recollection).length,
    headCharacters: describeRecollection({ ...recollection, lines: [] }).length,
  };
}

/** With one date for both, and a line break between them; the longer date, for one of them may be from outside. */
function join(one: Passage, next: Passage): Passage {
  const headCharacters = Math.max(one.headCharacters, next.headCharacters);
  const ofLines = (passage: Passage): number => passage.characters - passage.headCharacters;
  return {
    lines: [...one.lines, ...next.lines],
    characters: headCharacters + ofLines(one) + 1 + ofLines(next),
    headCharacters,
  };
}

/** As `tokensOf` counts. */
function costOf({ characters }: Passage): number {
  return Math.ceil(characters / 4) + gapTokens;
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
