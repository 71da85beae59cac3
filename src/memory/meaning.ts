import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "../log.ts";
import type { ChunkVectors } from "../store/chunk-vectors.ts";
import type { ChunkRange } from "../store/chunks.ts";
import { collectionName, collectionPrefix } from "./collections.ts";
import type { Embedder } from "./embedder.ts";
import { EmbedderNotReadyError } from "./embedder-state.ts";
import type { MeaningHit, SearchByMeaning } from "./gather.ts";
import { createVectorIndexing, quietMs } from "./index-vectors.ts";
import { type VectorIndex, VectorIndexAwayError, type VectorIndexes } from "./vector-index.ts";

/** What a search by meaning stands on. Whoever opens these closes them. */
export interface MeaningParts {
  /** The agent's id: its vectors are apart from those of others. */
  agent: string;
  embedder: Embedder;
  indexes: VectorIndexes;
  /** The name of the collection that answers, kept over restarts. */
  collection: { get(): string | undefined; set(name: string): void };
}

/** Finds what means much the same; and sees to it, in the background, that everything has its vector. */
export interface Meaning extends AsyncDisposable {
  /** Undefined while it cannot be told. */
  search: SearchByMeaning;
  /** Resolves when it can be told; rejects when it cannot. */
  ready(signal: AbortSignal): Promise<void>;
  /** There are new chunks, or some are gone. */
  update(): void;
  /** Makes all vectors anew beside the old ones, which answer until it is done. Throws when that cannot be done now. */
  rebuild(onProgress: (done: number, all: number) => void, signal?: AbortSignal): Promise<void>;
  /** How the search goes: for the person, after "12 messages". */
  describe(): string;
  /** What more there is to say: what hinders it and what to do about it, or where the vectors are. Whole sentences. */
  details(): string | undefined;
  /** Why it goes worse than it could now, if it does: parts of a sentence. */
  shortcomings(): string[];
}

export interface MeaningOptions extends MeaningParts {
  vectors: ChunkVectors;
  timezone: string;
  now(): Date;
  log: Logger;
}

/** So many chunks are looked for, and the best of them line by line; of them and their lines the best are hits. */
const mostChunks = 100;
const mostReadByLine = 50;
const mostHits = 120;

/** After a start the vectors may have to be read first, and a server may hang: no answer waits longer for them. */
const patienceMs = 2_000;

/** So many vectors tell how near any two texts of this memory are. */
const sampleSize = 64;

/** With fewer vectors than this a range of dates is searched whole; else what is found is sifted. */
const mostOfRange = 4_000;

export function createMeaning(options: MeaningOptions): Meaning {
  const { agent, embedder, indexes, collection, vectors, now, log } = options;
  const prefix = collectionPrefix(agent);
  const ofThisModel = collectionName(agent, embedder);
  const indexing = createVectorIndexing({ ...options, prefix });
  const closing = new AbortController();
  let running: Promise<void> | undefined;
  let again = false;
  let isRebuilding = false;
  let isTidy = false;
  let isLate = false;
  let fault: string | undefined;

  /** Vectors of another model tell nothing: then its own are used as far as they are there. */
  function answering(): string {
    const name = collection.get();
    return name?.startsWith(ofThisModel) ? name : ofThisModel;
  }

  async function work(): Promise<void> {
    await embedder.ready(closing.signal);
    const name = answering();
    await indexing.fill(name, closing.signal);
    collection.set(name);
    if (!isTidy) await indexing.keepOnly(name);
    [isTidy, fault] = [true, undefined];
  }

  function update(): void {
    again = true;
    if (running || isRebuilding || closing.signal.aborted) return;
    const round = async (): Promise<void> => {
      while (again && !isRebuilding) {
        again = false;
        await work();
      }
    };
    running = round()
      .catch((error) => {
        if (closing.signal.aborted) return;
        fault = error.message;
        const isKnown = error instanceof EmbedderNotReadyError || error instanceof VectorIndexAwayError;
        if (!isKnown) log.warn("The memory could not be indexed by meaning", { error });
      })
      .finally(() => {
        running = undefined;
      });
  }

  /** The chunks that are nearest, and their lines: the best of these together. */
  async function nearest(
    index: VectorIndex,
    vector: Float32Array,
    range: ChunkRange | undefined,
  ): Promise<{ hits: MeaningHit[] | undefined }> {
    const sample = vectors.sample(index.name, sampleSize);
    if (sample.length < 2) return { hits: undefined };
    const chunks = await index.query(vector, mostChunks, range && vectors.within(range, mostOfRange));
    const places = new Map(chunks.map(({ id }) => [id, vectors.place(id)]));
    const best = [...places.values()].slice(0, mostReadByLine).flatMap((place) => place?.chunk ?? []);
    for (const { key, ...place } of vectors.ofLines(index.name, best)) places.set(key, place);
    const similarities = new Map(chunks.map(({ id, similarity }) => [id, similarity]));
    const beside = [...new Set([...places.keys(), ...sample])].filter((key) => !similarities.has(key));
    for (const { id, similarity } of await index.query(vector, beside.length, beside)) similarities.set(id, similarity);
    const { mean, deviation } = spreadOf(sample.flatMap((key) => similarities.get(key) ?? []));
    const hits = [...places].flatMap(([key, place]) => {
      const similarity = similarities.get(key);
      return place && similarity !== undefined ? [{ ...place, nearness: (similarity - mean) / deviation }] : [];
    });
    return { hits: hits.sort((a, b) => b.nearness - a.nearness).slice(0, mostHits) };
  }

  async function search(
    text: string,
    range: ChunkRange | undefined,
    signal?: AbortSignal,
  ): Promise<MeaningHit[] | undefined> {
    embedder.start();
    if (embedder.state().kind !== "ready") return undefined;
    try {
      const name = answering();
      const index = await indexing.open(name);
      if (!index) return undefined;
      const answer = nearest(index, await embedder.embedQuery(text, signal), range);
      const inTime = await Promise.race([answer, pause(patienceMs, undefined, { ref: false })]);
      if (inTime) return inTime.hits;
      isLate = true;
      // What goes wrong with it now, the next search tells.
      void answer
        .catch(() => {})
        .finally(() => {
          isLate = false;
        });
      return undefined;
    } catch (error) {
      signal?.throwIfAborted();
      const isKnown = error instanceof EmbedderNotReadyError || error instanceof VectorIndexAwayError;
      if (!isKnown) log.warn("A search by meaning failed", { error });
      fault = (error as Error).message;
      return undefined;
    }
  }

  async function rebuild(onProgress: (done: number, all: number) => void, caller?: AbortSignal): Promise<void> {
    isRebuilding = true;
    const signal = caller ? AbortSignal.any([closing.signal, caller]) : closing.signal;
    try {
      await running;
      await embedder.ready(signal);
      const generation = Number(/-(\d+)$/.exec(answering().slice(ofThisModel.length))?.[1] ?? 0) + 1;
      const name = `${ofThisModel}-${generation}`;
      await indexes.drop(name);
      const all = vectors.countWaiting(name, now().getTime() - quietMs);
      let done = 0;
      onProgress(done, all);
      await indexing.fill(name, signal, (stored) => {
        done += stored;
        onProgress(done, all);
      });
      collection.set(name);
      await indexing.keepOnly(name);
    } finally {
      isRebuilding = false;
      update();
    }
  }

  /** Why nothing is searched by meaning now: in a few words, and what there is to say to it beyond them. */
  function hindrance(): { short: string; details?: string } | undefined {
    const { kind, text } = embedder.state();
    if (kind === "failed") return { short: "the embedding model is not there", details: text };
    if (kind !== "ready") return { short: text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, "") };
    if (indexes.state().away) return { short: "the vectors cannot be reached", details: indexes.state().text };
    if (isLate) return { short: "the vectors are still being read, or the machine is busy" };
    return fault === undefined ? undefined : { short: "the search by meaning failed", details: fault };
  }

  const stopListening = [
    indexes.onBack(() => {
      indexing.doubt();
      update();
    }),
    embedder.onState(({ kind }) => kind === "ready" && update()),
  ];
  return {
    search,
    ready: (signal) => embedder.ready(signal),
    update,
    rebuild,
    describe() {
      const name = answering();
      const left = vectors.countWaiting(name, now().getTime() - quietMs);
      const progress = left > 0 ? `; ${left} of its ${left + vectors.countIn(name)} texts have no vector yet` : "";
      const why = hindrance();
      if (why !== undefined) return `searched by keyword alone: ${why.short}${progress}`;
      return `searched by keyword and by meaning (${embedder.identity})${progress}`;
    },
    details() {
      const why = hindrance();
      return why ? why.details : indexes.state().text;
    },
    shortcomings() {
      const why = hindrance();
      return why === undefined ? [] : [`searched by keyword alone: ${why.short}`];
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new EmbedderNotReadyError("The memory is closing."));
      for (const stop of stopListening) stop();
      await running;
    },
  };
}

/** What stands in its place where there is no model. */
export const byKeywordAlone: Meaning = {
  search: async () => undefined,
  async ready() {},
  update() {},
  async rebuild() {},
  describe: () => "searched by keyword",
  details: () => undefined,
  shortcomings: () => [],
  async [Symbol.asyncDispose]() {},
};

function spreadOf(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) || 1 };
}
