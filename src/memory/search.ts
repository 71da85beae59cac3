import type { ChunkRange, Chunks, StoredChunk } from "../store/chunks.ts";
import type { Terms } from "../store/full-text.ts";
import { addDays, dayOf, startOfDay } from "../time.ts";
import { type DayRange, daysIn } from "./dates.ts";
import { type Candidate, candidatesOf, scoreLines } from "./line-scores.ts";
import type { MemoryQuery, Recollection, RecollectionQuery } from "./memory.ts";
import { passagesOf, type Room } from "./passages.ts";
import { isQuestion, withoutSmallTalk } from "./small-talk.ts";

/** What a text means like, of all that is indexed; undefined while that cannot be told. */
export type SearchByMeaning = (
  text: string,
  range: ChunkRange | undefined,
  signal?: AbortSignal,
) => Promise<MeaningHit[] | undefined>;

/** Another text of the memory that means much the same. */
export interface MeaningHit {
  chunk: number;
  /** The line of the chunk, or -1: all of it. */
  line: number;
  /** How much nearer it is than any two texts of this memory, in standard deviations. */
  nearness: number;
}

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

/** So many chunks are looked at line by line, of those that match by words. */
const mostChunks = 60;

/** Of how many chunks at least a memory is thought: in a small one a word that is not there would count for too much. */
const leastSize = 200;

/** A search reads no more of the word index than this: rare words first, and what is in half of all texts hardly tells. */
const mostOccurrences = 5_000;

/** What is above it may be an answer. Weights go from 0, for a word that is everywhere, to 1, for one that is nowhere else. */
interface Floor {
  /** It has words of this weight together. */
  covered: number;
  /** And this share of the weight of all words that were asked for. */
  share: number;
  /** Or it is so near in meaning. */
  nearness: number;
}
const searchFloor: Floor = { covered: 0, share: 0.15, nearness: 2.5 };
const questionFloor: Floor = { covered: 0.4, share: 0.35, nearness: 5 };
const statementFloor: Floor = { covered: 1, share: 0.5, nearness: 5.5 };

const mostRecollections = 5;

/** A message with so many telling words is understood without what was said before it. */
const termsThatStand = 3;
const contextWeight = 0.3;

/** What happened on a day is told on that day or in the week after it. */
const tellingDays = 7;

/** Against the best match by words, which is 1. */
const chunkNearnessWeight = 0.05;
const lineNearnessWeight = 0.05;
const recencyWeight = 0.02;

export function createSearch({ chunks, terms, meaning, halfLifeDays, timezone, now }: SearchOptions): Search {
  /** The lines that may help, best first; none when none is above the floor. */
  async function rank(
    { text, context = "" }: { text: string; context?: string },
    range: ChunkRange | undefined,
    floor: Floor,
    allows: (line: Candidate) => boolean,
    signal?: AbortSignal,
  ): Promise<Candidate[]> {
    const own = terms.ofQuery(text);
    // A message that hardly stands by itself is understood from what was said before it.
    const around = own.length < termsThatStand && terms.isTelling(context) ? terms.ofQuery(context) : [];
    const nearest = (await meaning(around.length > 0 ? `${context}\n${text}` : text, range, signal)) ?? [];
    const { weights, rare } = weigh(own, around);
    const found = new Map<number, StoredChunk>();
    for (const chunk of chunks.matching(rare, mostChunks, range)) found.set(chunk.id, chunk);
    for (const chunk of chunks.byIds(nearest.map((hit) => hit.chunk))) found.set(chunk.id, chunk);
    const candidates = candidatesOf([...found.values()]).filter(allows);

    const written = terms.of(candidates.map(({ who, text }) => `${who} ${text}`));
    const termsOf = new Map(candidates.map((line, index) => [line, written[index] ?? []]));
    const scores = scoreLines(candidates, termsOf, weights);
    const best = Math.max(...[...scores.values()].map(({ score }) => score), Number.MIN_VALUE);
    const nearness = nearnessOf(candidates, nearest);

    const asked = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
    const isAbove = (line: Candidate): boolean => {
      const { chunk = 0, line: own = 0 } = nearness.get(line) ?? {};
      const covered = scores.get(line)?.covered ?? 0;
      const byWords = covered > 0 && covered >= floor.covered && covered >= floor.share * asked;
      return byWords || Math.max(chunk, own) >= floor.nearness;
    };
    if (!candidates.some(isAbove)) return [];

    const scored = candidates.map((line) => {
      const near = nearness.get(line) ?? { chunk: 0, line: 0 };
      const ageDays = Math.max(0, now().getTime() - line.at) / 86_400_000;
      const recency = range ? 0 : recencyWeight * 2 ** (-ageDays / halfLifeDays);
      const meant = chunkNearnessWeight * near.chunk + lineNearnessWeight * near.line;
      return { line, total: ((scores.get(line)?.score ?? 0) / best + meant) * (1 + recency) };
    });
    scored.sort((a, b) => b.total - a.total || b.line.at - a.line.at);
    return scored.map(({ line }) => line);
  }

  /** Weights by rarity; and the terms that are looked up: the rarest, at least one. */
  function weigh(own: readonly string[], around: readonly string[]): { weights: Map<string, number>; rare: string[] } {
    const query = [...new Set([...own, ...around])];
    const frequencies = chunks.frequencies(query);
    const size = Math.max(chunks.size(), leastSize, ...frequencies.values());
    const rarity = (frequency: number): number => Math.log(1 + (size - frequency + 0.5) / (frequency + 0.5));
    const weights = new Map(
      query.map((term) => {
        const share = own.includes(term) ? 1 : contextWeight;
        return [term, (share * rarity(frequencies.get(term) ?? 0)) / rarity(1)];
      }),
    );
    let occurrences = 0;
    const rare = [...frequencies]
      .sort((a, b) => a[1] - b[1])
      .filter(([, frequency], index) => {
        occurrences += frequency;
        return index === 0 || occurrences <= mostOccurrences;
      });
    return { weights, rare: rare.map(([term]) => term) };
  }

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
      const told = range ? undefined : toldWithin(daysIn(text, dayOf(now(), timezone)), timezone);
      const ofThatTime =
        told && (await rank({ text }, told, searchFloor, (line) => allows(line) && isWithin(told, line), signal));
      const lines = ofThatTime?.length ? ofThatTime : await rank({ text }, range, searchFloor, allows, signal);
      return passagesOf(lines, room, timezone);
    },
    async recollect({ text, turns, exceptRun, inView, tokens }, signal) {
      const isSeen = ({ session, entry = 0 }: Candidate): boolean =>
        inView !== undefined && session === inView.session && entry >= inView.from;
      const allows = (line: Candidate): boolean =>
        (line.origin === "owner" || line.origin === "agent") &&
        (exceptRun === undefined || line.run !== exceptRun) &&
        !isSeen(line);
      const telling = withoutSmallTalk(text);
      if (!terms.isTelling(telling)) return [];
      const floor = isQuestion(text) ? questionFloor : statementFloor;
      const lines = await rank({ text: telling, context: turns.join("\n") }, undefined, floor, allows, signal);
      return passagesOf(lines, { limit: mostRecollections, tokens }, timezone);
    },
  };
}

function toldWithin(days: DayRange | undefined, timezone: string): ChunkRange | undefined {
  return days && rangeOf(days.from, addDays(days.to, tellingDays), timezone);
}

const everything: ChunkRange = { from: 0, to: Number.MAX_SAFE_INTEGER };

function rangeOf(from: string | undefined, to: string | undefined, timezone: string): ChunkRange | undefined {
  if (from === undefined && to === undefined) return undefined;
  return {
    from: from === undefined ? 0 : startOfDay(from, timezone).getTime(),
    to: to === undefined ? Number.MAX_SAFE_INTEGER : startOfDay(addDays(to, 1), timezone).getTime(),
  };
}

/** For each line how near its chunk is in meaning, and the line itself. */
function nearnessOf(
  candidates: readonly Candidate[],
  hits: readonly MeaningHit[],
): Map<Candidate, { chunk: number; line: number }> {
  const ofPlace = new Map(hits.map(({ chunk, line, nearness }) => [`${chunk} ${line}`, nearness]));
  return new Map(
    candidates.map((one) => {
      const near = { chunk: 0, line: 0 };
      for (const chunk of one.chunks) {
        near.chunk = Math.max(near.chunk, ofPlace.get(`${chunk.id} -1`) ?? 0);
        const own = chunk.lines.findIndex(
          ({ entry, part, text }) => entry === one.entry && part === one.part && text === one.text,
        );
        near.line = Math.max(near.line, ofPlace.get(`${chunk.id} ${own}`) ?? 0);
      }
      return [one, near];
    }),
  );
}
