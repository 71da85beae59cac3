import { setImmediate as nextTurn } from "node:timers/promises";

/**
 * Two bits a dimension of each vector, in memory: enough to tell which few are worth a look at the whole. One bit is the
 * sign of how the vector differs from the mean of all, the other whether it differs there by much.
 */
export interface Sketches {
  /** False when there is no room for it. */
  put(row: number, unit: Float32Array): boolean;
  delete(row: number): void;
  has(row: number): boolean;
  /** The rows that are probably nearest, the most probable first. Other work goes on between its slices. */
  nearest(unit: Float32Array, count: number, only?: readonly number[]): Promise<number[]>;
}

/** By their signs alone, this many times as many are kept as are asked for. */
const firstPassFactor = 4;
/** Of many more than are asked for, a third of their signs is looked at first, and this many times as many are kept. */
const roughPassFactor = 32;
const roughStride = 3;
/** How many are looked at in one go: about 3 ms. */
const sliceSize = 20_000;

/** Numbers that are kept of each vector beside its bits. */
const numbersEach = 4;
const [alongMean, signFactor, smallStep, largeStep] = [0, 1, 2, 3] as const;

/** `mean` is about that of all vectors, which are of unit length; the better it fits, the fewer are mistaken. */
export function createSketches(mean: Float32Array, capacity: number): Sketches {
  const bytesEach = Math.ceil(mean.length / 8);
  const signs = new Uint8Array(capacity * bytesEach);
  const larges = new Uint8Array(capacity * bytesEach);
  const numbers = new Float32Array(capacity * numbersEach);
  /** The row of each slot; 0 for none, since rows begin at 1. */
  const rows = new Float64Array(capacity);
  const slots = new Map<number, number>();
  const freed: number[] = [];
  let used = 0;

  function write(slot: number, unit: Float32Array): void {
    let along = 0;
    let squares = 0;
    let absolute = 0;
    for (let index = 0; index < mean.length; index++) {
      const difference = (unit[index] as number) - (mean[index] as number);
      along += (unit[index] as number) * (mean[index] as number);
      squares += difference * difference;
      absolute += Math.abs(difference);
    }
    const bound = Math.sqrt(squares / mean.length);
    let smallCount = 0;
    let smallSum = 0;
    for (let byte = 0; byte < bytesEach; byte++) {
      let sign = 0;
      let large = 0;
      for (let index = byte * 8; index < Math.min(byte * 8 + 8, mean.length); index++) {
        const difference = (unit[index] as number) - (mean[index] as number);
        const bit = 1 << (index % 8);
        if (difference >= 0) sign |= bit;
        if (Math.abs(difference) > bound) large |= bit;
        else {
          smallCount++;
          smallSum += Math.abs(difference);
        }
      }
      signs[slot * bytesEach + byte] = sign;
      larges[slot * bytesEach + byte] = large;
    }
    const largeSum = absolute - smallSum;
    const small = smallSum / (smallCount || 1);
    const large = largeSum / (mean.length - smallCount || 1);
    // Stretched, so that what the sketch says is right on average.
    const stretch = squares / (small * smallSum + large * largeSum || 1);
    numbers.set([along, squares / (absolute || 1), small * stretch, (large - small) * stretch], slot * numbersEach);
  }

  function slotsOf(only: readonly number[] | undefined): Uint32Array {
    const found = new Uint32Array(only?.length ?? used);
    let count = 0;
    if (only)
      for (const row of only) {
        const slot = slots.get(row);
        if (slot !== undefined) found[count++] = slot;
      }
    else
      for (let slot = 0; slot < used; slot++) {
        if (rows[slot] !== 0) found[count++] = slot;
      }
    return found.subarray(0, count);
  }

  return {
    put(row, unit) {
      const slot = slots.get(row) ?? freed.pop() ?? used;
      if (slot === capacity) return false;
      used = Math.max(used, slot + 1);
      rows[slot] = row;
      slots.set(row, slot);
      write(slot, unit);
      return true;
    },
    delete(row) {
      const slot = slots.get(row);
      if (slot === undefined) return;
      rows[slot] = 0;
      slots.delete(row);
      freed.push(slot);
    },
    has: (row) => slots.has(row),
    async nearest(unit, count, only) {
      const { sums, total } = sumsOf(unit, mean);

      /** By every so manieth byte of the signs. */
      const bySigns = (stride: number): Estimate => {
        let total = 0;
        for (let byte = 0; byte < bytesEach; byte += stride) total += sums[(byte << 8) | 255] as number;
        return (some, estimates, from, to) => {
          for (let index = from; index < to; index++) {
            const slot = some[index] as number;
            let positive = 0;
            for (let byte = 0, at = slot * bytesEach; byte < bytesEach; byte += stride, at += stride)
              positive += sums[(byte << 8) | (signs[at] as number)] as number;
            const number = slot * numbersEach;
            estimates[index] =
              (numbers[number + alongMean] as number) +
              (numbers[number + signFactor] as number) * stride * (2 * positive - total);
          }
        };
      };
      const byBoth: Estimate = (some, estimates, from, to) => {
        for (let index = from; index < to; index++) {
          const slot = some[index] as number;
          let positive = 0;
          let large = 0;
          for (let byte = 0, at = slot * bytesEach; byte < bytesEach; byte++, at++) {
            const place = byte << 8;
            const sign = signs[at] as number;
            const wide = larges[at] as number;
            positive += sums[place | sign] as number;
            large += (sums[place | (wide & sign)] as number) - (sums[place | (wide & ~sign)] as number);
          }
          const number = slot * numbersEach;
          estimates[index] =
            (numbers[number + alongMean] as number) +
            (numbers[number + smallStep] as number) * (2 * positive - total) +
            (numbers[number + largeStep] as number) * large;
        }
      };

      const all = slotsOf(only);
      const isMany = all.length > 3 * roughPassFactor * count;
      const likely = isMany ? (await best(all, bySigns(roughStride), count * roughPassFactor)).slots : all;
      const some = await best(likely, bySigns(1), count * firstPassFactor);
      const few = await best(some.slots, byBoth, count);
      const order = Array.from(few.slots.keys()).sort(
        (a, b) => (few.estimates[b] as number) - (few.estimates[a] as number),
      );
      return order.map((index) => rows[few.slots[index] as number] as number).filter((row) => row > 0);
    },
  };
}

/** For each byte at each place: the sum of the query's differences from the mean where its bits are set. */
function sumsOf(unit: Float32Array, mean: Float32Array): { sums: Float32Array; total: number } {
  const bytes = Math.ceil(mean.length / 8);
  const sums = new Float32Array(bytes * 256);
  let total = 0;
  for (let byte = 0; byte < bytes; byte++) {
    for (let bits = 1; bits < 256; bits++) {
      const index = byte * 8 + (31 - Math.clz32(bits & -bits));
      const difference = (unit[index] ?? 0) - (mean[index] ?? 0);
      sums[byte * 256 + bits] = (sums[byte * 256 + (bits & (bits - 1))] as number) + difference;
    }
    total += sums[byte * 256 + 255] as number;
  }
  return { sums, total };
}

/** Puts how near each of `slots` probably is into `estimates`, from one place to before another. */
type Estimate = (slots: Uint32Array, estimates: Float32Array, from: number, to: number) => void;

interface Estimated {
  slots: Uint32Array;
  estimates: Float32Array;
}

/** Those with the largest estimates, `count` of them or all. */
async function best(slots: Uint32Array, estimate: Estimate, count: number): Promise<Estimated> {
  const estimates = new Float32Array(slots.length);
  for (let from = 0; from < slots.length; from += sliceSize) {
    estimate(slots, estimates, from, Math.min(from + sliceSize, slots.length));
    await nextTurn();
  }
  if (slots.length <= count) return { slots, estimates };

  let least = Infinity;
  let most = -Infinity;
  for (const estimated of estimates) {
    if (estimated < least) least = estimated;
    if (estimated > most) most = estimated;
  }
  // A histogram tells where to cut, in place of sorting all of them.
  const bins = new Uint32Array(4096);
  const width = (bins.length - 1) / (most - least || 1);
  const binOf = (estimated: number): number => Math.floor((estimated - least) * width);
  for (const estimated of estimates) (bins[binOf(estimated)] as number)++;
  let cut = bins.length - 1;
  let room = count;
  for (; (bins[cut] as number) < room; cut--) room -= bins[cut] as number;

  const kept: Estimated = { slots: new Uint32Array(count), estimates: new Float32Array(count) };
  let at = 0;
  for (let index = 0; index < slots.length; index++) {
    const estimated = estimates[index] as number;
    const bin = binOf(estimated);
    if (bin < cut || (bin === cut && room-- <= 0)) continue;
    kept.slots[at] = slots[index] as number;
    kept.estimates[at++] = estimated;
  }
  return kept;
}
