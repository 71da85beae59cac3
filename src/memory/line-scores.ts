import type { ChunkLine, StoredChunk } from "../store/chunks.ts";
import type { TermCounts } from "../store/full-text.ts";

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
  countsOf: ReadonlyMap<Candidate, TermCounts>,
  weights: Weights,
  { saturation, length: lengthWeight, before, after, beside }: LineWeights,
): Map<Candidate, KeywordScore> {
  const of = (one: Candidate): TermCounts => countsOf.get(one) ?? noTerms;
  const meanLength = candidates.reduce((sum, one) => sum + of(one).length, 0) / candidates.length || 1;
  const inChunk = new Map<StoredChunk, Set<string>>();
  for (const one of candidates)
    for (const chunk of one.chunks) {
      const terms = inChunk.get(chunk) ?? new Set();
      for (const term of of(one).counts.keys()) terms.add(term);
      inChunk.set(chunk, terms);
    }

  const scoreOf = (one: Candidate): KeywordScore => {
    const around = neighbours(one, before, after);
    const present = new Set<string>();
    for (const { line } of around) for (const term of of(line).counts.keys()) present.add(term);
    const share = around.reduce((sum, { nearness }) => sum + nearness, 0);
    const length = around.reduce((sum, { line, nearness }) => sum + nearness * of(line).length, 0);
    const norm = saturation * (1 - lengthWeight + (lengthWeight * length) / (meanLength * share));
    let [score, covered] = [0, 0];
    for (const term of present) {
      const weight = weights.get(term) ?? 0;
      const count = around.reduce((sum, { line, nearness }) => sum + nearness * (of(line).counts.get(term) ?? 0), 0);
      score += (weight * count * (saturation + 1)) / (count + norm);
      covered += weight;
    }
    const terms = present.size;
    for (const chunk of one.chunks)
      for (const term of inChunk.get(chunk) ?? []) {
        if (present.has(term)) continue;
        present.add(term);
        score += beside * (weights.get(term) ?? 0);
      }
    return { score, terms, covered };
  };
  return new Map(candidates.map((one) => [one, scoreOf(one)]));
}

const noTerms: TermCounts = { length: 0, counts: new Map() };

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
