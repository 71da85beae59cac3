import { setImmediate as nextTurn } from "node:timers/promises";
import type { ChunkVectors } from "../store/chunk-vectors.ts";
import { chunkText } from "./chunk.ts";
import type { Embedder } from "./embedder.ts";
import type { VectorIndex, VectorIndexes } from "./vector-index.ts";

/** The collections of one agent: every chunk of its memory, and every line, has its vector there once. */
export interface VectorIndexing {
  /** Embeds what has no vector in this collection yet, and takes out what is gone. Resolves when nothing is left to do. */
  fill(collection: string, signal: AbortSignal, onStored?: (count: number) => void): Promise<void>;
  /** Undefined while the size of a vector is not known. */
  open(collection: string): Promise<VectorIndex | undefined>;
  /** What a collection holds is looked at anew: it may have been lost. */
  doubt(): void;
  /** Drops this agent's collections but this one. */
  keepOnly(collection: string): Promise<void>;
}

export interface VectorIndexingOptions {
  /** What the names of this agent's collections begin with. */
  prefix: string;
  vectors: ChunkVectors;
  embedder: Embedder;
  indexes: VectorIndexes;
  timezone: string;
  now(): Date;
}

/** Texts that are embedded and stored at a time. */
const batchSize = 16;

/** Keys that are compared at a time, and counted: a few milliseconds. */
const keysAtOnce = 1_000;
const keysCountedAtOnce = 20_000;

/** A conversation that has been quiet for this long is embedded up to its end. */
export const quietMs = 10 * 60_000;

export function createVectorIndexing(options: VectorIndexingOptions): VectorIndexing {
  const { prefix, vectors, embedder, indexes, timezone, now } = options;
  const opened = new Map<string, VectorIndex>();
  const checked = new Set<string>();
  /** Embedded, and not stored because the vectors were away: it is not done again. */
  const unstored = new Map<string, Float32Array>();

  async function open(name: string): Promise<VectorIndex | undefined> {
    const known = opened.get(name);
    if (known || embedder.dimension === undefined) return known;
    const index = await indexes.open(name, embedder.dimension);
    opened.set(name, index);
    return index;
  }

  async function countIn(name: string): Promise<number> {
    let all = 0;
    for (let last: string | undefined = ""; last !== undefined; await nextTurn()) {
      const some = vectors.countSome(name, last, keysCountedAtOnce);
      all += some.count;
      last = some.last;
    }
    return all;
  }

  async function openChecked(name: string, signal: AbortSignal): Promise<VectorIndex> {
    const index = await open(name);
    if (!index) throw new Error("The embedding model does not say how long its vectors are.");
    if (checked.has(name)) return index;
    // After a crash, or when somebody deleted or put back its folder, it holds something else than what was stored.
    if ((await index.count()) !== (await countIn(name))) {
      const there = await index.ids();
      let last: string | undefined = "";
      while (last !== undefined) {
        signal.throwIfAborted();
        last = vectors.unmarkOthers(name, there, last, keysAtOnce);
        await nextTurn();
      }
      const unknown = [...there].filter((key) => !vectors.place(key));
      if (unknown.length > 0) await index.delete(unknown);
    }
    checked.add(name);
    return index;
  }

  async function fill(name: string, signal: AbortSignal, onStored?: (count: number) => void): Promise<void> {
    const index = await openChecked(name, signal);
    for (;;) {
      signal.throwIfAborted();
      const waiting = vectors.waiting(name, now().getTime() - quietMs, batchSize);
      if (waiting.length === 0) break;
      const keys = waiting.map(({ key }) => key);
      const there = await index.has(keys);
      const missing = waiting.filter(({ key }) => !there.has(key));
      const unknown = missing.filter(({ key }) => !unstored.has(key));
      const texts = unknown.map(({ lines }) => chunkText(lines, timezone));
      const embedded = await embedder.embedDocuments(texts, signal);
      for (const [at, { key }] of unknown.entries()) unstored.set(key, embedded[at] as Float32Array);
      await index.upsert(
        missing.map(({ key, isPart }) => ({ id: key, vector: unstored.get(key) as Float32Array, isPart })),
      );
      unstored.clear();
      vectors.mark(name, keys);
      onStored?.(keys.length);
      await nextTurn();
    }
    for (;;) {
      const gone = vectors.gone(256);
      if (gone.length === 0) return;
      await index.delete(gone);
      vectors.forget(gone);
    }
  }

  return {
    fill,
    open,
    doubt: () => checked.clear(),
    async keepOnly(name) {
      for (const other of await indexes.names()) {
        if (other === name || !other.startsWith(prefix)) continue;
        await indexes.drop(other);
        opened.delete(other);
      }
    },
  };
}
