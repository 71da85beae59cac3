import type { ChunkRange } from "../store/chunks.ts";
import type { Gathered } from "./gather.ts";
import { type Candidate, type KeywordScore, type LineWeights, scoreLines } from "./line-scores.ts";

const dayMs = 86_400_000;

/** What counts how much. Chosen by `npm run bench -- memory --leave-one-out`. */
export interface RankWeights {
  words: LineWeights;
  /** For each standard deviation that a chunk, and a line, is nearer in meaning; against the best match by words, which is 1. */
  chunkNearness: number;
  lineNearness: number;
  /** The favour of what was said just now, by one who is named, and in the time that was asked about. */
  recency: number;
  named: number;
  told: number;
}

export const rankWeights: RankWeights = {
  words: { saturation: 0.9, length: 0.75, before: [0.6, 0.4], after: [0.4, 0.3], beside: 0.2 },
  chunkNearness: 0.08,
  lineNearness: 0.08,
  recency: 0.02,
  named: 0.2,
  told: 1,
};

/** What is favoured by its time. */
export interface Favoured {
  /** The recent, seen from this moment; undefined where a time was asked about. */
  recent?: { now: Date; halfLifeDays: number } | undefined;
  told?: ChunkRange | undefined;
}

/** The lines by how likely each answers, best first. */
export function rank(
  { candidates, nearness, named }: Gathered,
  scores: ReadonlyMap<Candidate, KeywordScore>,
  { recent, told }: Favoured,
  weights: RankWeights = rankWeights,
): Candidate[] {
  const best = Math.max(...[...scores.values()].map(({ score }) => score), Number.MIN_VALUE);
  const recency = (at: number): number =>
    recent ? 2 ** (-Math.max(0, recent.now.getTime() - at) / dayMs / recent.halfLifeDays) : 0;
  const favour = ({ at, who }: Candidate): number =>
    (1 + weights.recency * recency(at)) *
    (1 + (named.has(who) ? weights.named : 0)) *
    (1 + (isWithin(told, at) ? weights.told : 0));
  const scored = candidates.map((line) => {
    const near = nearness.get(line) ?? { chunk: 0, line: 0 };
    const meant = weights.chunkNearness * near.chunk + weights.lineNearness * near.line;
    return { line, total: ((scores.get(line)?.score ?? 0) / best + meant) * favour(line) };
  });
  scored.sort((a, b) => b.total - a.total || b.line.at - a.line.at);
  return scored.map(({ line }) => line);
}

function isWithin(range: ChunkRange | undefined, at: number): boolean {
  return range !== undefined && at >= range.from && at < range.to;
}

export function scoresOf(
  { candidates, countsOf, weights }: Gathered,
  words: LineWeights = rankWeights.words,
): Map<Candidate, KeywordScore> {
  return scoreLines(candidates, countsOf, weights, words);
}
