import type { ChunkLine, StoredChunk } from "../store/chunks.ts";

/** A line that may be an answer, among those around it. */
export interface Candidate extends ChunkLine {
  session: number | undefined;
  day: string | undefined;
  /** Its place: of two lines of one session or journal, the later has the greater. */
  place: number;
  before: Candidate | undefined;
  after: Candidate | undefined;
  /** The chunks that it is in. */
  chunks: StoredChunk[];
}

/** The lines of these chunks, each once although chunks overlap, joined to their neighbours. */
export function candidatesOf(chunks: readonly StoredChunk[]): Candidate[] {
  const all = new Map<string, Candidate>();
  for (const chunk of chunks) {
    let before: Candidate | undefined;
    for (const [index, line] of chunk.lines.entries()) {
      const key = `${line.entry ?? `${chunk.day} ${line.who} ${line.text}`} ${line.part ?? 0}`;
      const known = all.get(key);
      const place = (line.entry ?? chunk.id * 1024 + index) * 1024 + (line.part ?? 0);
      const candidate = known ?? {
        ...{ ...line, session: chunk.session, day: chunk.day, place },
        ...{ before: undefined, after: undefined, chunks: [] },
      };
      candidate.chunks.push(chunk);
      if (before) {
        candidate.before = before;
        before.after = candidate;
      }
      all.set(key, candidate);
      before = candidate;
    }
  }
  return [...all.values()];
}

/** How a term weighs; a rare one tells more. */
export type Weights = ReadonlyMap<string, number>;

export interface KeywordScore {
  /** BM25 over the line and, less the farther they are, the two lines before and after it. */
  score: number;
  /** How many of the terms are in them, and their weight together. */
  terms: number;
  covered: number;
}

/** How the words of a line, and of those around it, count. */
export interface LineWeights {
  /** How soon it matters no more that a term is there often (BM25's k1), and how much long lines lose (its b). */
  saturation: number;
  length: number;
  /** How much a term counts that stands so many lines before or after. */
  before: readonly number[];
  after: readonly number[];
  /** And anywhere in the same chunks. */
  beside: number;
}

export function scoreLines(
  candidates: readonly Candidate[],
  termsOf: ReadonlyMap<Candidate, readonly string[]>,
  weights: Weights,
  { saturation, length: lengthWeight, before, after, beside }: LineWeights,
): Map<Candidate, KeywordScore> {
  const counts = new Map(candidates.map((one) => [one, countsOf(termsOf.get(one) ?? [], weights)]));
  const lengthOf = (one: Candidate): number => termsOf.get(one)?.length ?? 0;
  const meanLength = candidates.reduce((sum, one) => sum + lengthOf(one), 0) / candidates.length || 1;
  const inChunk = new Map<StoredChunk, Set<string>>();
  for (const one of candidates)
    for (const chunk of one.chunks) {
      const terms = inChunk.get(chunk) ?? new Set();
      for (const term of counts.get(one)?.keys() ?? []) terms.add(term);
      inChunk.set(chunk, terms);
    }

  return new Map(
    candidates.map((one) => {
      const around = neighbours(one, before, after);
      const share = around.reduce((sum, { nearness }) => sum + nearness, 0);
      const length = around.reduce((sum, { line, nearness }) => sum + nearness * lengthOf(line), 0);
      const norm = saturation * (1 - lengthWeight + (lengthWeight * length) / (meanLength * share));
      let [score, terms, covered] = [0, 0, 0];
      for (const [term, weight] of weights) {
        let count = 0;
        for (const { line, nearness } of around) count += nearness * (counts.get(line)?.get(term) ?? 0);
        const isBeside = count === 0 && one.chunks.some((chunk) => inChunk.get(chunk)?.has(term));
        score += weight * (count === 0 ? (isBeside ? beside : 0) : (count * (saturation + 1)) / (count + norm));
        terms += count > 0 ? 1 : 0;
        covered += count > 0 ? weight : 0;
      }
      return [one, { score, terms, covered }];
    }),
  );
}

function neighbours(
  line: Candidate,
  before: readonly number[],
  after: readonly number[],
): { line: Candidate; nearness: number }[] {
  const around = [{ line, nearness: 1 }];
  let [earlier, later] = [line.before, line.after];
  for (const near of before) {
    if (earlier) around.push({ line: earlier, nearness: near });
    earlier = earlier?.before;
  }
  for (const near of after) {
    if (later) around.push({ line: later, nearness: near });
    later = later?.after;
  }
  return around;
}

function countsOf(terms: readonly string[], weights: Weights): Map<string, number> {
  const counts = new Map<string, number>();
  for (const term of terms) if (weights.has(term)) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
}
