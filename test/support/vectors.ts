import type { VectorItem } from "../../src/memory/vector-index.ts";
import { seededRandom } from "./seeded-random.ts";

/** Vectors of unit length, the same for the same seed. */
export interface VectorSource {
  next(): Float32Array;
  items(count: number): VectorItem[];
}

/** In clusters, the members of each about `spread` away from its middle; each vector for itself when there are no clusters. */
export function vectorSource(dimension: number, seed: number, clusters = 0, spread = 0.5): VectorSource {
  const random = seededRandom(seed);
  const direction = (): Float32Array => unit(Float32Array.from({ length: dimension }, () => normal(random)));
  const middles = Array.from({ length: clusters }, direction);
  const next = (): Float32Array => {
    const away = direction();
    const middle = middles[Math.floor(random() * clusters)];
    return middle ? unit(middle.map((value, index) => value + spread * (away[index] as number))) : away;
  };
  return {
    next,
    items: (count) => Array.from({ length: count }, (_, index) => ({ id: `item-${index}`, vector: next() })),
  };
}

/** The ids of the nearest by plain floating-point arithmetic. */
export function trulyNearest(items: readonly VectorItem[], query: Float32Array, count: number): string[] {
  const all = items.map(({ id, vector }) => ({ id, similarity: dot(query, vector) }));
  return all
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, count)
    .map(({ id }) => id);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index] as number) * (b[index] as number);
  return sum;
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector)) || 1;
  return vector.map((value) => value / length);
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
