import { setImmediate as nextTurn } from "node:timers/promises";
import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import { isDamaged, openVectors, removeVectors, type Vectors } from "../store/vectors.ts";
import { createExactIndex } from "./exact-index.ts";
import { type VectorIndex, VectorIndexAwayError, type VectorIndexes } from "./vector-index.ts";

export interface ExactOptions {
  /** data/ */
  directory: string;
  /** Why it is this one; ends the sentence of its state. */
  why: string;
  log: Logger;
}

const droppedAtOnce = 1_000;

/** Vectors in `vectors.db`. A damaged file is begun anew: what was in it comes back by the hand of whoever listens to `onBack`. */
export function openExactIndexes({ directory, why, log }: ExactOptions): VectorIndexes {
  const listeners = new Set<() => void>();
  const opened = new Map<string, { index: VectorIndex; dimension: number }>();
  let vectors = openOrBeginAnew();

  function openOrBeginAnew(): Vectors {
    try {
      return openVectors(directory);
    } catch (error) {
      if (!isDamaged(error)) throw error;
      log.warn("vectors.db was damaged: begun anew", { error });
      removeVectors(directory);
      return openVectors(directory);
    }
  }

  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    const before = vectors;
    try {
      return await work();
    } catch (error) {
      if (!isDamaged(error) && vectors === before) throw error;
      if (vectors === before) beginAnew(error);
      throw new VectorIndexAwayError(
        `The file of the vectors was damaged (${messageOf(error)}) and is being filled anew: search goes by keyword until then.`,
        { cause: error },
      );
    }
  }

  function beginAnew(error: unknown): void {
    log.warn("vectors.db is damaged: begun anew", { error });
    vectors[Symbol.dispose]();
    removeVectors(directory);
    opened.clear();
    vectors = openVectors(directory);
    for (const listener of listeners) setImmediate(listener);
  }

  /** The same for all who open it: what is read into memory is read once. */
  function indexOf(name: string, dimension: number): VectorIndex {
    const known = opened.get(name);
    if (known?.dimension === dimension) return known.index;
    const index = createExactIndex(name, dimension, vectors.open(name, dimension));
    opened.set(name, { index, dimension });
    return index;
  }

  return {
    open: (name, dimension) =>
      guarded(async () => {
        indexOf(name, dimension);
        const now = (): VectorIndex => indexOf(name, dimension);
        return {
          name,
          upsert: (items) => guarded(() => now().upsert(items)),
          delete: (ids) => guarded(() => now().delete(ids)),
          query: (vector, limit, only) => guarded(() => now().query(vector, limit, only)),
          has: (ids) => guarded(() => now().has(ids)),
          ids: () => guarded(() => now().ids()),
          count: () => guarded(() => now().count()),
        };
      }),
    names: () => guarded(async () => vectors.names()),
    drop: (name) =>
      guarded(async () => {
        opened.delete(name);
        while (!vectors.drop(name, droppedAtOnce)) await nextTurn();
      }),
    state: () => ({ kind: "exact", away: false, text: `Vectors are kept in SQLite and searched exactly: ${why}.` }),
    onBack(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async [Symbol.asyncDispose]() {
      listeners.clear();
      vectors[Symbol.dispose]();
    },
  };
}
