import { setImmediate as nextTurn } from "node:timers/promises";
import { createDotProducts, mostAtOnce } from "./dot-products.ts";
import { coarseOf } from "./vector-code.ts";

/** The upper bits of every vector of a collection, in memory: enough to tell which few are worth a look at the whole. */
export interface CoarseVectors {
  put(row: number, code: Uint8Array): void;
  delete(row: number): void;
  /** The rows that are probably nearest, in no order. Other work goes on between its slices. */
  nearest(unit: Float32Array, count: number): Promise<number[]>;
}

/** The largest of the whole numbers that stand for those of a query: no sum of products is too large for 32 bits. */
const largest = 2 ** 12 - 1;

/** `lastRow` is the last for which there is to be room at once. A row that is gone keeps its room. */
export function createCoarseVectors(dimension: number, lastRow: number): CoarseVectors {
  const width = 8 * Math.ceil(dimension / 8);
  const products = createDotProducts(width);
  /** What makes a sum the similarity; 0 for a row that is not there. */
  let factors = new Float32Array(0);
  makeRoom(lastRow);

  function makeRoom(row: number): void {
    if (row < factors.length) return;
    const count = Math.ceil(row * 1.1) + 1_000;
    products.grow(count);
    const more = new Float32Array(count);
    more.set(factors);
    factors = more;
  }

  return {
    put(row, code) {
      makeRoom(row);
      const { upper, factor } = coarseOf(code, dimension);
      products.rows().set(upper, row * width);
      factors[row] = factor;
    },
    delete(row) {
      factors[row] = 0;
    },
    async nearest(unit, count) {
      const numbers = new Int16Array(width);
      const scale = largest / Math.max(...unit.map(Math.abs), Number.MIN_VALUE);
      for (const [index, value] of unit.entries()) numbers[index] = Math.round(value * scale);
      // Each of the upper bits stands for the middle of what it may be: half a step more.
      const halves = numbers.reduce((sum, value) => sum + value, 0) / 2;

      let best: { row: number; similarity: number }[] = [];
      let least = -Infinity;
      for (let from = 0; from < factors.length; from += mostAtOnce) {
        const to = Math.min(from + mostAtOnce, factors.length);
        const sums = products.of(numbers, from, to);
        for (let row = from; row < to; row++) {
          const factor = factors[row] as number;
          const similarity = factor * ((sums[row - from] as number) + halves);
          if (factor === 0 || similarity <= least) continue;
          best.push({ row, similarity });
          if (best.length < 4 * count) continue;
          best = best.sort((a, b) => b.similarity - a.similarity).slice(0, count);
          least = best.at(-1)?.similarity ?? least;
        }
        await nextTurn();
      }
      return best
        .sort((a, b) => b.similarity - a.similarity)
        .slice(0, count)
        .map(({ row }) => row);
    },
  };
}
