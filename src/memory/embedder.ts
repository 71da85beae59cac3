import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import { type EmbedderModel, identityOf } from "./embedding-models.ts";
import { createEmbeddingQueue } from "./embedding-queue.ts";
import { startEmbeddingThread } from "./embedding-thread.ts";

/** Turns texts into vectors, on this machine, in a thread of its own. Nothing is loaded before `start` or the first text. */
export interface Embedder extends AsyncDisposable {
  /** Names all that a vector depends on: model, revision, file, quantisation, prefixes. Known before the model is loaded. */
  readonly identity: string;
  /** Numbers a vector has; undefined until known, at the latest once it is ready. */
  readonly dimension: number | undefined;
  /** Lays the model down and loads it, in the background; does nothing when that is under way. */
  start(): void;
  /** Resolves once texts can be embedded. @throws EmbedderNotReadyError with the remedy when that failed. */
  ready(signal?: AbortSignal): Promise<void>;
  /** A vector of unit length. Goes before waiting documents. @throws EmbedderNotReadyError while the model is not there. */
  embedQuery(text: string, signal?: AbortSignal): Promise<Float32Array>;
  /** Vectors of unit length, one a text. @throws EmbedderNotReadyError while the model is not there. */
  embedDocuments(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]>;
  state(): EmbedderState;
  /** Calls back whenever the state changes. Gives a function that ends it. */
  onState(listener: (state: EmbedderState) => void): () => void;
}

export interface EmbedderState {
  kind: "absent" | "downloading" | "loading" | "ready" | "failed";
  /** One sentence for the person, with the remedy. */
  text: string;
  progress?: { doneBytes: number; totalBytes?: number | undefined } | undefined;
}

/** The model is not there, or not yet; the message is the state's sentence. */
export class EmbedderNotReadyError extends Error {
  override name = "EmbedderNotReadyError";
}

export interface EmbedderOptions {
  model: EmbedderModel;
  log: Logger;
  /** Processor threads that one text may use. */
  threads?: number;
}

// The first is for a thread that was lost while it served.
const pausesMs = [0, 5_000, 30_000, 120_000, 600_000];

export function createEmbedder({ model, log, threads = 2 }: EmbedderOptions): Embedder {
  const listeners = new Set<(state: EmbedderState) => void>();
  const closing = new AbortController();
  let state: EmbedderState = { kind: "absent", text: `The embedding model ${model.name} has not been asked for yet.` };
  let dimension = model.dimension;
  let running: Promise<void> | undefined;
  let waiters = 0;

  const tell = (next: EmbedderState): void => {
    state = next;
    for (const listener of listeners) listener(next);
  };

  // The thread never holds the program open; who waits for it does.
  let held: NodeJS.Timeout | undefined;
  const hold = (): void => {
    const wanted = waiters > 0 || queue.size > 0;
    if (wanted) held ??= setInterval(() => {}, 1 << 30);
    else {
      clearInterval(held);
      held = undefined;
    }
  };
  const queue = createEmbeddingQueue(hold);

  const serve = async (): Promise<void> => {
    tell({ kind: "loading", text: `The embedding model ${model.name} is being loaded.` });
    const onTruncated = () => log.debug("a text was cut before it was embedded", { tokens: model.windowTokens });
    const thread = await startEmbeddingThread({ model, threads, signal: closing.signal, onTruncated });
    dimension = thread.dimension;
    const end = (): void => void thread.close();
    closing.signal.addEventListener("abort", end, { once: true });
    queue.serve(thread.embed);
    tell({ kind: "ready", text: `The embedding model ${model.name} is ready.` });
    const reason = await thread.ended;
    closing.signal.removeEventListener("abort", end);
    closing.signal.throwIfAborted();
    log.warn("the embedding thread was lost", { reason });
  };

  const run = async (): Promise<void> => {
    for (let failures = 0; !closing.signal.aborted; ) {
      try {
        await serve();
        failures = 0;
      } catch (error) {
        if (closing.signal.aborted) return;
        failures++;
        tell({ kind: "failed", text: `The embedding model ${model.name} cannot be loaded: ${messageOf(error)}` });
        queue.refuse(new EmbedderNotReadyError(state.text));
      }
      await pause(pausesMs[Math.min(failures, pausesMs.length - 1)] as number, closing.signal);
    }
  };

  const embed = (text: string, urgent: boolean, signal: AbortSignal | undefined): Promise<Float32Array> => {
    return queue.add(text, { urgent, signal });
  };
  const mustBeReady = (): void => {
    start();
    if (state.kind !== "ready") throw new EmbedderNotReadyError(state.text);
  };
  const start = (): void => {
    if (!closing.signal.aborted) running ??= run();
  };

  return {
    identity: identityOf(model),
    get dimension() {
      return dimension;
    },
    start,
    async ready(signal) {
      start();
      waiters++;
      hold();
      try {
        await settled(signal);
      } finally {
        waiters--;
        hold();
      }
    },
    async embedQuery(text, signal) {
      mustBeReady();
      return embed(model.queryPrefix + text, true, signal);
    },
    async embedDocuments(texts, signal) {
      mustBeReady();
      return Promise.all(texts.map((text) => embed(model.documentPrefix + text, false, signal)));
    },
    state: () => state,
    onState(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new EmbedderNotReadyError("The embedding model has been closed."));
      queue.refuse(closing.signal.reason);
      await running;
    },
  };

  function settled(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = ({ kind, text }: EmbedderState): void => {
      if (kind === "ready") resolve();
      if (kind === "failed") reject(new EmbedderNotReadyError(text));
    };
    const stop = (): void => reject((signal?.aborted ? signal : closing.signal).reason);
    listeners.add(look);
    signal?.addEventListener("abort", stop, { once: true });
    closing.signal.addEventListener("abort", stop, { once: true });
    if (state.kind === "ready") resolve();
    if (signal?.aborted || closing.signal.aborted) stop();
    return promise.finally(() => {
      listeners.delete(look);
      signal?.removeEventListener("abort", stop);
      closing.signal.removeEventListener("abort", stop);
    });
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms).unref();
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
}
