import type { ChromaClient, Collection } from "chromadb";
import { isGone, isUnknownId } from "./chroma-client.ts";
import type { VectorHit, VectorIndex } from "./vector-index.ts";

export interface ChromaIndexOptions {
  client: ChromaClient;
  name: string;
  /** What the collection is called there. */
  title: string;
  dimension: number;
  /** Called when the collection was gone, and has been made anew. */
  onLost(): void;
}

/** A megabyte of vectors in one request: the server takes more, but they are turned into text in one go. */
const vectorsAtOnce = 250;
const idsAtOnce = 5_000;

/** More care than is usual in laying down and following the ways between vectors: without it some of the nearest are missed. */
const hnsw = { space: "cosine", ef_construction: 200, max_neighbors: 32, ef_search: 200 } as const;

/** One collection of a Chroma server. When it is gone, it is made anew. */
export function createChromaIndex({ client, name, title, dimension, onLost }: ChromaIndexOptions): VectorIndex {
  let collection: Promise<Collection> | undefined;

  async function open(): Promise<Collection> {
    const opened = await client.getOrCreateCollection({
      name: title,
      configuration: { hnsw },
      metadata: { dimension },
      embeddingFunction: null, // We bring vectors; the default would fetch a model.
    });
    const known = opened.metadata?.dimension ?? dimension;
    if (known !== dimension) throw new Error(`The vectors of ${name} have ${known} dimensions, not ${dimension}.`);
    return opened;
  }

  async function within<T>(work: (collection: Collection) => Promise<T>): Promise<T> {
    collection ??= open();
    try {
      return await work(await collection);
    } catch (error) {
      collection = undefined; // It may be another one of this name by now.
      if (!isGone(error)) throw error;
      collection = open();
      const result = await work(await collection);
      onLost();
      return result;
    }
  }

  function check({ length }: Float32Array): void {
    if (length !== dimension) throw new Error(`The vectors of ${name} have ${dimension} dimensions, not ${length}.`);
  }

  async function has(ids: readonly string[]): Promise<Set<string>> {
    const there = new Set<string>();
    for (const some of slices([...new Set(ids)], idsAtOnce)) {
      const found = await within((collection) => collection.get({ ids: some, include: [] }));
      for (const id of found.ids) there.add(id);
    }
    return there;
  }

  async function nearest(vector: Float32Array, limit: number, ids?: string[]): Promise<VectorHit[]> {
    const request = {
      queryEmbeddings: [Array.from(vector)],
      nResults: limit,
      include: ["distances" as const],
      ...(ids ? { ids } : {}),
    };
    const found = await within((collection) => collection.query(request));
    const distances = found.distances[0] ?? [];
    return (found.ids[0] ?? []).map((id, index) => ({ id, similarity: 1 - (distances[index] ?? 1) }));
  }

  async function nearestOf(vector: Float32Array, limit: number, only: readonly string[]): Promise<VectorHit[]> {
    const hits: VectorHit[] = [];
    for (const some of slices([...(await has(only))], idsAtOnce)) hits.push(...(await nearest(vector, limit, some)));
    return hits.sort((a, b) => b.similarity - a.similarity).slice(0, limit);
  }

  return {
    name,
    async upsert(items) {
      for (const { vector } of items) check(vector);
      const size = Math.min(vectorsAtOnce, Math.max(1, await client.getMaxBatchSize()));
      // The server refuses a request that names an id twice.
      const unique = [...new Map(items.map((item) => [item.id, item])).values()];
      for (const some of slices(unique, size)) {
        const ids = some.map(({ id }) => id);
        const embeddings = some.map(({ vector }) => vector as unknown as number[]);
        await within((collection) => collection.upsert({ ids, embeddings }));
      }
    },
    async delete(ids) {
      for (const some of slices([...new Set(ids)], idsAtOnce))
        await within((collection) => collection.delete({ ids: some }));
    },
    async query(vector, limit, only) {
      check(vector);
      if (!only) return nearest(vector, limit);
      // Between the two requests one may be deleted.
      return nearestOf(vector, limit, only).catch((error) => {
        if (!isUnknownId(error)) throw error;
        return nearestOf(vector, limit, only);
      });
    },
    has,
    async ids() {
      const all = new Set<string>();
      for (let offset = 0; ; offset += idsAtOnce) {
        const page = await within((collection) => collection.get({ include: [], limit: idsAtOnce, offset }));
        for (const id of page.ids) all.add(id);
        if (page.ids.length < idsAtOnce) return all;
      }
    },
    count: () => within((collection) => collection.count()),
  };
}

function* slices<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
