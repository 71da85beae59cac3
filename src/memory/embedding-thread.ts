import { Worker } from "node:worker_threads";
import { messageOf } from "../errors.ts";
import type { EmbedderModel } from "./embedding-models.ts";

/** A loaded model in a thread of its own. It does not hold the program open. */
export interface EmbeddingThread {
  readonly dimension: number;
  /** One text at a time. Rejects with the model's complaint, or with `ThreadLostError` when the thread ended meanwhile. */
  embed(text: string): Promise<Embedded>;
  /** Resolves with the reason when the thread has ended, whoever ended it. */
  readonly ended: Promise<string>;
  /** Lets it finish the text it works at. */
  close(): Promise<void>;
}

export interface Embedded {
  /** Of unit length. */
  vector: Float32Array;
  /** The text was longer than the window: its end is not in the vector. */
  truncated: boolean;
}

export type ThreadData = Pick<EmbedderModel, "folder" | "onnxFile" | "pooling" | "layerNorm" | "windowTokens"> & {
  threads: number;
};
export type EmbedRequest = { kind: "embed"; id: number; text: string } | { kind: "close" };
export type EmbedResponse =
  | { kind: "ready"; dimension: number }
  | ({ kind: "vector"; id: number } & Embedded)
  | { kind: "refused"; id: number; reason: string };

/** The thread ended before the text was embedded: it may be tried again in another. */
export class ThreadLostError extends Error {
  override name = "ThreadLostError";
}

export interface EmbeddingThreadOptions {
  model: EmbedderModel;
  /** Processor threads that one text may use. */
  threads: number;
  signal: AbortSignal;
}

// A text takes milliseconds; the native code may hang all the same.
const closeGraceMs = 2_000;

/** Loads the model. @throws when it cannot be loaded: its files are not what they should be. */
export async function startEmbeddingThread({
  model: { folder, onnxFile, pooling, layerNorm, windowTokens },
  threads,
  signal,
}: EmbeddingThreadOptions): Promise<EmbeddingThread> {
  signal.throwIfAborted();
  const worker = new Worker(new URL("./embedder-worker.ts", import.meta.url), {
    name: "embedder",
    workerData: { folder, onnxFile, pooling, layerNorm, windowTokens, threads } satisfies ThreadData,
  });

  const loaded = Promise.withResolvers<number>();
  const ended = Promise.withResolvers<string>();
  const waiting = new Map<number, PromiseWithResolvers<Embedded>>();
  let reason: string | undefined;
  let lost: ThreadLostError | undefined;
  let lastId = 0;

  worker.on("message", (response: EmbedResponse) => {
    if (response.kind === "ready") return loaded.resolve(response.dimension);
    const asked = waiting.get(response.id);
    waiting.delete(response.id);
    if (response.kind === "refused") return asked?.reject(new Error(response.reason));
    asked?.resolve(response);
  });
  worker.on("error", (error) => {
    reason = messageOf(error);
  });
  worker.on("exit", (code) => {
    const why = reason ?? `it ended with code ${code}`;
    loaded.reject(new Error(why));
    lost = new ThreadLostError(`The embedding thread ended in the middle of its work: ${why}.`);
    for (const asked of waiting.values()) asked.reject(lost);
    waiting.clear();
    ended.resolve(why);
  });
  // Only now: to listen for messages takes hold of the program again.
  worker.unref();

  const close = async (): Promise<void> => {
    const timer = setTimeout(() => void worker.terminate(), closeGraceMs);
    worker.ref();
    // What it is given back while the native code works, it may not survive.
    await Promise.race([ended.promise, Promise.allSettled([...waiting.values()].map(({ promise }) => promise))]);
    worker.postMessage({ kind: "close" } satisfies EmbedRequest);
    await ended.promise;
    clearTimeout(timer);
  };
  const abandon = (): void => void worker.terminate();

  signal.addEventListener("abort", abandon, { once: true });
  let dimension: number;
  try {
    dimension = await loaded.promise;
  } catch (error) {
    await worker.terminate();
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", abandon);
  }

  return {
    dimension,
    async embed(text) {
      if (lost) throw lost;
      const id = ++lastId;
      const asked = Promise.withResolvers<Embedded>();
      waiting.set(id, asked);
      worker.postMessage({ kind: "embed", id, text } satisfies EmbedRequest);
      return asked.promise;
    },
    ended: ended.promise,
    close,
  };
}
