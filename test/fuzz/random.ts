import { seededRandom } from "../support/seeded-random.ts";

/** Choices that are the same for the same seed. */
export interface Random {
  /** A whole number from 0 to `count` - 1. */
  below(count: number): number;
  chance(of: number): boolean;
  pick<T>(items: readonly T[]): T;
}

export function createRandom(seed: number): Random {
  const next = seededRandom(seed);
  const below = (count: number): number => Math.floor(next() * count);
  return {
    below,
    chance: (of) => next() < of,
    pick<T>(items: readonly T[]) {
      return items[below(items.length)] as T;
    },
  };
}
