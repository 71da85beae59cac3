import { setImmediate as nextTurn } from "node:timers/promises";
import { firstPart, type VectorRows } from "../store/vectors.ts";
import { type CoarseVectors, createCoarseVectors } from "./coarse-vectors.ts";
import { encodeVector, similarityOf, unitVector } from "./vector-code.ts";
import type { VectorHit, VectorIndex } from "./vector-index.ts";

/** How many vectors are written, read or compared in one go, and how many ids: a few milliseconds. */
const vectorsAtOnce = 250;
const idsAtOnce = 2_000;
const rowsCountedAtOnce = 50_000;
/** So many more than are asked for are taken by their upper bits, and then compared by all of them. */
const spare = 32;
/** So many of those that were asked for by their ids are kept: some are asked for with every query. */
const mostKept = 1_024;

/**
 * One collection, searched by comparing with every vector: by the upper bits of all first, then by all bits of the best.
 * Those of all are read into memory at the first query. Other work goes on between slices.
 */
export function createExactIndex(name: string, dimension: number, rows: VectorRows): VectorIndex {
  /** Whatever is put or deleted goes into it as well, from when its reading begins. */
  let coarse: CoarseVectors | undefined;
  let read: Promise<CoarseVectors> | undefined;
  /** By id, the newest last. */
  const lately = new Map<string, Uint8Array>();

  function readOnce(): Promise<CoarseVectors> {
    read ??= readAll().catch((error) => {
      [read, coarse] = [undefined, undefined];
      throw error;
    });
    return read;
  }

  async function readAll(): Promise<CoarseVectors> {
    const reading = createCoarseVectors(dimension, rows.lastRow());
    coarse = reading;
    for (let last = 0; ; await nextTurn()) {
      const page = rows.after(last, vectorsAtOnce);
      for (const { row, code } of page) reading.put(row, code);
      last = page.at(-1)?.row ?? last;
      if (page.length === 0) return reading;
    }
  }

  function ofIds(ids: readonly string[]): { id: string; code: Uint8Array }[] {
    const known = ids.flatMap((id) => ({ id, code: lately.get(id) as Uint8Array })).filter(({ code }) => code);
    const found = [...known, ...rows.ofIds(ids.filter((id) => !lately.has(id)))];
    for (const { id, code } of found) {
      lately.delete(id);
      lately.set(id, code);
    }
    for (const id of lately.keys()) {
      if (lately.size <= mostKept) break;
      lately.delete(id);
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
        const coded = some.map(({ id, vector, isPart = false }) => ({ id, code: encodeVector(vector), isPart }));
        for (const [index, row] of rows.put(coded).entries()) {
          const { id, code } = coded[index] as { id: string; code: Uint8Array };
          if (row < firstPart) coarse?.put(row, code);
          lately.delete(id);
        }
        await nextTurn();
      }
    },
    async delete(ids) {
      for (const some of slices(ids, idsAtOnce)) {
        for (const row of rows.delete(some)) if (row < firstPart) coarse?.delete(row);
        for (const id of some) lately.delete(id);
        await nextTurn();
      }
    },
    async query(vector, limit, only) {
      check(vector);
      const unit = unitVector(vector);
      const hits: VectorHit[] = [];
      const compare = (found: readonly { id: string; code: Uint8Array }[]): void => {
        for (const { id, code } of found) hits.push({ id, similarity: similarityOf(unit, code) });
      };
      if (only)
        for (const some of slices([...new Set(only)], vectorsAtOnce)) {
          compare(ofIds(some));
          await nextTurn();
        }
      else {
        const nearest = await (await readOnce()).nearest(unit, limit + spare);
        // In the order in which they lie on the disk.
        compare(rows.ofRows(nearest.sort((a, b) => a - b)));
      }
      return hits.sort((a, b) => b.similarity - a.similarity).slice(0, limit);
    },
    async has(ids) {
      const there = new Set<string>();
      for (const some of slices(ids, idsAtOnce)) {
        for (const id of rows.has(some)) there.add(id);
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
    async count() {
      const count = async (first: number, last: number): Promise<number> => {
        let all = 0;
        for (let from = first; from <= last; from += rowsCountedAtOnce) {
          all += rows.count(from, from + rowsCountedAtOnce);
          await nextTurn();
        }
        return all;
      };
      return (await count(0, rows.lastRow())) + (await count(firstPart, rows.lastPart()));
    },
  };
}

function* slices<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
