import type { ChunkRange, Chunks } from "../store/chunks.ts";
import type { Terms } from "../store/full-text.ts";
import { rangeOf, toldWithin } from "./dates.ts";
import { createGather, type Gathered, type Question, type SearchByMeaning } from "./gather.ts";
import { type Candidate, candidatesOf, type KeywordScore } from "./line-scores.ts";
import type { MemoryQuery, Recollection, RecollectionQuery } from "./memory.ts";
import { passagesOf, type Room } from "./passages.ts";
import { rank, scoresOf } from "./rank.ts";
import { isQuestion, withoutSmallTalk } from "./small-talk.ts";

export interface SearchOptions {
  chunks: Chunks;
  terms: Terms;
  meaning: SearchByMeaning;
  /** After so many days what is recent has lost half of its favour. */
  halfLifeDays: number;
  timezone: string;
  now(): Date;
}

export interface Search {
  find(query: Omit<MemoryQuery, "limit"> & Room, signal?: AbortSignal): Promise<Recollection[]>;
  recollect(query: RecollectionQuery, signal?: AbortSignal): Promise<Recollection[]>;
}

/** What is above it may be an answer. Weights go from 0, for a word that is everywhere, to 1, for one that is nowhere else. */
interface Floor {
  /** It has so many of the words that were asked for, of this weight together. */
  terms: number;
  covered: number;
  /** And this share of the weight of all of them. */
  share: number;
  /** Or it is so near in meaning. */
  nearness: number;
  /** Each line must be above it; else it is enough that one is. */
  isForEach: boolean;
}
const searchFloor: Floor = { terms: 1, covered: 0, share: 0.15, nearness: 2.5, isForEach: false };
// One word in common is chance; two seldom are, in any language.
const questionFloor: Floor = { terms: 2, covered: 0.6, share: 0.3, nearness: 5.5, isForEach: true };
const statementFloor: Floor = { terms: 2, covered: 1.2, share: 0.3, nearness: 6, isForEach: true };
/** Where a question has no more than one word to go by. */
const oneWordFloor: Floor = { ...questionFloor, terms: 1, share: 0 };

const mostRecollections = 5;
/** An answer waits for them: fewer are looked at than for a search. */
const chunksOfRecollections = 30;

export function createSearch({ chunks, terms, meaning, halfLifeDays, timezone, now }: SearchOptions): Search {
  const gather = createGather(chunks, terms, meaning);

  /** The lines that may help, best first; none when none is above the floor. */
  async function linesFor(question: Question, floor: Floor, signal?: AbortSignal): Promise<Candidate[]> {
    const gathered = await gather(question, signal);
    const scores = scoresOf(gathered);
    const isAbove = relevance(floor, gathered, scores);
    if (!gathered.candidates.some(isAbove)) return [];
    const { range, told } = question;
    const recent = range || told ? undefined : { now: now(), halfLifeDays };
    const lines = rank(gathered, scores, { recent, told });
    return floor.isForEach ? lines.filter(isAbove) : lines;
  }

  const toldIn = (text: string): ChunkRange | undefined => toldWithin(text, now(), timezone);

  const isWithin = (range: ChunkRange | undefined, { at }: Candidate): boolean =>
    range === undefined || (at >= range.from && at < range.to);

  return {
    async find({ text, from, to, exceptRun, ...room }, signal) {
      const range = rangeOf(from, to, timezone);
      const allows = (line: Candidate): boolean =>
        isWithin(range, line) && (exceptRun === undefined || line.run !== exceptRun);
      if (text === undefined) {
        const newest = chunks.newest(4 * room.limit, range ?? everything);
        const lines = candidatesOf(newest).filter(allows);
        lines.sort((a, b) => b.at - a.at || b.place - a.place);
        return passagesOf(lines, room, timezone);
      }
      const told = range ? undefined : toldIn(text);
      return passagesOf(await linesFor({ text, range, told, allows }, searchFloor, signal), room, timezone);
    },
    async recollect({ text, turns, exceptRun, inView, tokens }, signal) {
      const isSeen = ({ session, entry = 0 }: Candidate): boolean =>
        inView !== undefined && session === inView.session && entry >= inView.from;
      const allows = (line: Candidate): boolean =>
        (line.origin === "owner" || line.origin === "agent") &&
        (exceptRun === undefined || line.run !== exceptRun) &&
        !isSeen(line);
      const subject = withoutSmallTalk(text);
      if (!terms.isTelling(subject)) return [];
      const asks = isQuestion(text);
      const isOneWord = asks && terms.ofQuery(subject).length === 1;
      const lines = await linesFor(
        {
          text: isOneWord ? subject : text,
          // Who asks on refers to what was said; who says "fine then" does not.
          context: asks ? turns.join("\n") : "",
          told: toldIn(text),
          allows,
          mostChunks: chunksOfRecollections,
        },
        isOneWord ? oneWordFloor : asks ? questionFloor : statementFloor,
        signal,
      );
      return passagesOf(lines, { limit: mostRecollections, tokens }, timezone);
    },
  };
}

const everything: ChunkRange = { from: 0, to: Number.MAX_SAFE_INTEGER };

/** Whether a line is above the floor. */
function relevance(
  floor: Floor,
  { weights, nearness }: Gathered,
  scores: ReadonlyMap<Candidate, KeywordScore>,
): (line: Candidate) => boolean {
  const asked = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  return (line) => {
    const { chunk = 0, line: own = 0 } = nearness.get(line) ?? {};
    const { terms: count = 0, covered = 0 } = scores.get(line) ?? {};
    const byWords = count >= floor.terms && covered >= Math.max(floor.covered, floor.share * asked);
    return byWords || Math.max(chunk, own) >= floor.nearness;
  };
}
