import { setImmediate as nextTurn } from "node:timers/promises";
import type { ChunkRange, Chunks, StoredChunk } from "../store/chunks.ts";
import type { TermCounts, Terms } from "../store/full-text.ts";
import { type Candidate, candidatesOf, type Weights } from "./line-scores.ts";

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

/** What may hold an answer, and all that its order is made from. */
export interface Gathered {
  candidates: Candidate[];
  countsOf: ReadonlyMap<Candidate, TermCounts>;
  /** Of the terms that were asked for: from 0, for one that is everywhere, to 1, for one that is nowhere else. */
  weights: Weights;
  nearness: ReadonlyMap<Candidate, Nearness>;
  /** Those who may have said it and are named in the question. */
  named: ReadonlySet<string>;
}

/** How near in meaning the best chunk of a line is, and the line itself. */
export interface Nearness {
  chunk: number;
  line: number;
}

export interface Question {
  text: string;
  /** What was said before it. */
  context?: string;
  /** Nothing is taken from outside of it. */
  range?: ChunkRange | undefined;
  /** The time that it speaks of: what was said then is looked through as well as all the rest. */
  told?: ChunkRange | undefined;
  allows(line: Candidate): boolean;
  /** So many chunks are looked at line by line, of those that match by words. */
  mostChunks?: number;
}

export type Gather = (question: Question, signal?: AbortSignal) => Promise<Gathered>;

/** Enough for all that a search may give. */
const chunksOfSearch = 60;

/** Of how many chunks at least a memory is thought: in a small one a word that is not there would count for too much. */
const leastSize = 200;

/** A search reads no more of the word index than this: rare words first, and what is in half of all texts hardly tells. */
const mostOccurrences = 5_000;

/** A message with so many telling words is understood without what was said before it. */
const termsThatStand = 3;
const contextWeight = 0.3;

export function createGather(chunks: Chunks, terms: Terms, meaning: SearchByMeaning): Gather {
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

  return async ({ text, context = "", range, told, allows, mostChunks = chunksOfSearch }, signal) => {
    const own = terms.ofQuery(text);
    // A message that hardly stands by itself is understood from what was said before it.
    const around = own.length < termsThatStand && terms.isTelling(context) ? terms.ofQuery(context) : [];
    const { weights, rare } = weigh(own, around);
    const whole = around.length > 0 ? `${context}\n${text}` : text;

    const nearest: MeaningHit[] = [];
    const found = new Map<number, StoredChunk>();
    for (const within of told ? [told, range] : [range]) {
      const hits = (await meaning(whole, within, signal)) ?? [];
      nearest.push(...hits);
      for (const chunk of chunks.matching(rare, mostChunks, within)) found.set(chunk.id, chunk);
      for (const chunk of chunks.byIds(hits.map((hit) => hit.chunk))) found.set(chunk.id, chunk);
    }
    await nextTurn();
    const candidates = candidatesOf([...found.values()]).filter(allows);
    const counts = terms.count(
      candidates.map(({ who, text }) => `${who} ${text}`),
      weights,
    );
    await nextTurn();
    const speakers = [...new Set(candidates.map(({ who }) => who))];
    const names = terms.of(speakers);
    const isNamed = (name: readonly string[] = []): boolean =>
      name.length > 0 && name.every((term) => own.includes(term));
    return {
      candidates,
      countsOf: new Map(candidates.map((line, index) => [line, counts[index] as TermCounts])),
      weights,
      nearness: nearnessOf(candidates, nearest),
      named: new Set(speakers.filter((_, index) => isNamed(names[index]))),
    };
  };
}

function nearnessOf(candidates: readonly Candidate[], hits: readonly MeaningHit[]): Map<Candidate, Nearness> {
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
