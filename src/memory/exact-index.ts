import { setImmediate as nextTurn } from "node:timers/promises";
import type { VectorRow, VectorRows } from "../store/vectors.ts";
import { createSketches, type Sketches } from "./sketches.ts";
import { decodeVector, dotProduct, encodeVector, unitVector } from "./vector-code.ts";
import type { VectorHit, VectorIndex } from "./vector-index.ts";

/** How many vectors are written, read or compared in one go, and how many ids: a few milliseconds. */
const vectorsAtOnce = 250;
const idsAtOnce = 2_000;
/** So many, the nearest by their sketches, or so many for each that is asked for, are compared with the query at most; so many in one go. */
const compared = 1_000;
const comparedFactor = 6;
const comparedAtOnce = 128;
/** So many, from all over the collection, tell the mean of all. */
const sampled = 2_000;

/**
 * One collection, searched by comparing with every vector: by sketches of all first, then by the codes of the best. The
 * sketches are made at the first query. Other work goes on between slices.
 */
export function createExactIndex(name: string, dimension: number, rows: VectorRows): VectorIndex {
  let sketches: Sketches | undefined;
  let made: Promise<Sketches> | undefined;

  function keptSketches(): Promise<Sketches> {
    made ??= makeSketches().catch((error) => {
      forgetSketches();
      throw error;
    });
    return made;
  }

  function forgetSketches(): void {
    made = undefined;
    sketches = undefined;
  }

  async function makeSketches(): Promise<Sketches> {
    const making = createSketches(await meanOf(rows, dimension), Math.ceil(rows.count() * 1.1) + 1_000);
    // From here on what is put there goes into them as well.
    sketches = making;
    const vector = new Float32Array(dimension);
    for await (const page of pages(rows)) {
      for (const { row, code } of page) {
        if (making.has(row)) continue;
        decodeVector(code, vector);
        making.put(row, vector);
      }
    }
    return making;
  }

  async function candidates(unit: Float32Array, count: number, only: readonly string[] | undefined): Promise<number[]> {
    const wanted = only && (await rowsOf(only));
    return (await keptSketches()).nearest(unit, count, wanted);
  }

  async function rowsOf(ids: readonly string[]): Promise<number[]> {
    const found: number[] = [];
    for (const some of slices(ids, idsAtOnce)) {
      for (const row of rows.rowsOf(some).values()) found.push(row);
      await nextTurn();
    }
    return found;
  }

  function check({ length }: Float32Array): void {
    if (length !== dimension) throw new Error(`The vectors of ${name} have ${dimension} dimensions, not ${length}.`);
  }

  return {
    name,
    async upsert(items) {
      for (const { vector } of items) check(vector);
      for (const some of slices(items, vectorsAtOnce)) {
        const put = rows.put(some.map(({ id, vector }) => ({ id, code: encodeVector(vector) })));
        for (const [index, { vector }] of some.entries()) {
          // When they are full, the next query makes them anew, around the mean that there is by then.
          if (sketches?.put(put[index] as number, unitVector(vector)) === false) forgetSketches();
        }
        await nextTurn();
      }
    },
    async delete(ids) {
      for (const some of slices(ids, idsAtOnce)) {
        for (const row of rows.delete(some)) sketches?.delete(row);
        await nextTurn();
      }
    },
    async query(vector, limit, only) {
      check(vector);
      const unit = unitVector(vector);
      const found = await candidates(unit, Math.max(compared, comparedFactor * limit), only);
      const other = new Float32Array(dimension);
      let best: { row: number; similarity: number }[] = [];
      for (const some of slices(found, comparedAtOnce)) {
        const last = best.at(limit - 1);
        // In the order in which they lie on the disk.
        for (const { row, code } of rows.codesOf(some.toSorted((a, b) => a - b))) {
          decodeVector(code, other);
          best.push({ row, similarity: dotProduct(unit, other) });
        }
        best = best.sort((a, b) => b.similarity - a.similarity).slice(0, limit);
        // They come about in the order of their similarity: where a whole slice is too far away, the rest is.
        if (last && best.at(-1) === last) break;
        await nextTurn();
      }
      const hits = best.map(({ row, similarity }): VectorHit => ({ id: rows.idOf(row) ?? "", similarity }));
      return hits.filter(({ id }) => id !== ""); // Deleted meanwhile.
    },
    async has(ids) {
      const there = new Set<string>();
      for (const some of slices(ids, idsAtOnce)) {
        for (const id of rows.rowsOf(some).keys()) there.add(id);
        await nextTurn();
      }
      return there;
    },
    async ids() {
      const all = new Set<string>();
      for (let last: string | undefined = ""; last !== undefined; await nextTurn()) {
        const some = rows.idsAfter(last, idsAtOnce);
        for (const id of some) all.add(id);
        last = some.at(-1);
      }
      return all;
    },
    count: async () => rows.count(),
  };
}

async function meanOf(rows: VectorRows, dimension: number): Promise<Float32Array> {
  const last = rows.lastRow();
  const sample = Array.from(
    { length: Math.min(sampled, last) },
    (_, index) => last - Math.floor((index * last) / sampled),
  );
  const mean = new Float32Array(dimension);
  const vector = new Float32Array(dimension);
  let count = 0;
  for (const some of slices([...new Set(sample)], vectorsAtOnce)) {
    for (const { code } of rows.codesOf(some)) {
      decodeVector(code, vector);
      for (let index = 0; index < dimension; index++) (mean[index] as number) += vector[index] as number;
      count++;
    }
    await nextTurn();
  }
  return mean.map((value) => value / (count || 1));
}

async function* pages(rows: VectorRows): AsyncGenerator<VectorRow[]> {
  for (let last = 0; ; ) {
    const page = rows.codesAfter(last, vectorsAtOnce);
    if (page.length === 0) return;
    yield page;
    last = page.at(-1)?.row ?? last;
    await nextTurn();
  }
}

function* slices<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
