import { setTimeout as pause } from "node:timers/promises";
import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import {
  createEmbedderStates,
  describeDuration,
  describeProgress,
  EmbedderNotReadyError,
  type EmbedderState,
} from "./embedder-state.ts";
import { type EmbedderModel, identityOf } from "./embedding-models.ts";
import { createEmbeddingQueue } from "./embedding-queue.ts";
import { startEmbeddingThread, ThreadLostError } from "./embedding-thread.ts";
import { layDownModel } from "./lay-down-model.ts";
import { ModelFilesError, writeRecord } from "./model-files.ts";

/**
 * Turns texts into vectors, on this machine, in a thread of its own. Nothing is fetched or loaded before `start`, `ready` or
 * the first text; what fails is tried again in the background. It holds the program open only while someone waits for it.
 */
export interface Embedder extends AsyncDisposable {
  /** Names all that a vector depends on: model, revision, file, quantisation, prefixes. Known before the model is loaded. */
  readonly identity: string;
  /** Numbers a vector has. Known before for most models, and for all once ready. */
  readonly dimension: number | undefined;
  /** Begins to lay the model down and to load it. */
  start(): void;
  /** Resolves once texts can be embedded; begins what is needed. @throws EmbedderNotReadyError when that failed. */
  ready(signal?: AbortSignal): Promise<void>;
  /** A vector of unit length. Goes before waiting documents. @throws EmbedderNotReadyError while the model is not there. */
  embedQuery(text: string, signal?: AbortSignal): Promise<Float32Array>;
  /** Vectors of unit length, one a text. @throws EmbedderNotReadyError while the model is not there. */
  embedDocuments(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]>;
  state(): EmbedderState;
  /** Calls back whenever the state changes. Gives a function that ends it. */
  onState(listener: (state: EmbedderState) => void): () => void;
}

export interface EmbedderOptions {
  model: EmbedderModel;
  log: Logger;
  fetch?: typeof globalThis.fetch;
  /** Where models are fetched from. */
  hub?: string;
  /** Processor threads that one text may use. */
  threads?: number;
  /** For how long nothing may come of a download. */
  stallMs?: number;
  /** How long to wait after the first failure in a row, the second, and so on; the last one holds for all after it. */
  retryMs?: readonly number[];
}

// A text that ends the thread is given up after the second; more than that is no text's fault.
const mostBarrenThreads = 3;

export function createEmbedder({
  model,
  log,
  fetch = globalThis.fetch,
  hub = "https://huggingface.co",
  threads = 2,
  stallMs = 30_000,
  retryMs = [5_000, 30_000, 120_000, 600_000, 1_800_000],
}: EmbedderOptions): Embedder {
  const { name, folder } = model;
  const closing = new AbortController();
  const { signal } = closing;
  const states = createEmbedderStates({ kind: "absent", text: `The embedding model ${name} is not loaded yet.` });
  let { dimension } = model;
  let running: Promise<void> | undefined;
  /** Something came of the download under way. */
  let isGettingOn = false;
  /** Threads in a row that ended without having embedded a text. */
  let barrenThreads = 0;

  // The thread never holds the program open; who waits for it does.
  let waiters = 0;
  let held: NodeJS.Timeout | undefined;
  const hold = (): void => {
    clearInterval(held);
    held = waiters + queue.size > 0 ? setInterval(() => {}, 1 << 30) : undefined;
  };
  const queue = createEmbeddingQueue(hold);

  /** From the files to the end of the thread. */
  const serve = async (): Promise<void> => {
    const hashes = await layDownModel(model, {
      ...{ hub, fetch, stallMs, signal },
      onProgress(progress) {
        isGettingOn = true;
        const text = `The embedding model ${name} is being downloaded: ${describeProgress(progress)}.`;
        states.tell({ kind: "downloading", text, progress });
      },
    });
    states.tell({ kind: "loading", text: `The embedding model ${name} is being loaded.` });
    const thread = await startEmbeddingThread({ model, threads, signal });
    const close = (): void => void thread.close();
    signal.addEventListener("abort", close, { once: true });
    if (signal.aborted) close();
    await writeRecord(model, hashes).catch((error) => log.warn("the hashes of the model could not be kept", { error }));

    dimension = thread.dimension;
    queue.serve(async (text) => {
      const { vector, truncated } = await thread.embed(text);
      barrenThreads = 0;
      if (truncated) log.debug("a text was cut before it was embedded", { windowTokens: model.windowTokens });
      return vector;
    });
    states.tell({ kind: "ready", text: `The embedding model ${name} is ready.` });

    const reason = await thread.ended;
    signal.removeEventListener("abort", close);
    signal.throwIfAborted();
    log.warn("the embedding thread was lost", { reason });
    states.tell({
      kind: "loading",
      text: `The embedding model ${name} is being loaded again: its thread ended (${reason}).`,
    });
    if (++barrenThreads > mostBarrenThreads)
      throw new ThreadLostError(`The thread of the embedding model ${name} ended by itself (${reason}).`);
  };

  const run = async (): Promise<void> => {
    let lastProblem = "";
    for (let failures = 0; !signal.aborted; ) {
      isGettingOn = false;
      try {
        await serve();
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        failures = isGettingOn ? 1 : failures + 1;
        const waitMs = retryMs[Math.min(failures, retryMs.length) - 1] ?? 0;
        const text = `${problemOf(error)} It is tried again in ${describeDuration(waitMs)}.`;
        // Without a network it fails for days: one line, until there is something else to say.
        log[problemOf(error) === lastProblem ? "debug" : "warn"](problemOf(error));
        lastProblem = problemOf(error);
        states.tell({ kind: "failed", text });
        queue.refuse(new EmbedderNotReadyError(text));
        await pause(waitMs, undefined, { signal, ref: false }).catch(() => {});
      }
    }
  };
  const problemOf = (error: unknown): string =>
    error instanceof ModelFilesError || error instanceof ThreadLostError
      ? error.message
      : `The embedding model in ${folder} cannot be loaded (${messageOf(error)}): its files may be damaged or half written; delete that folder${model.source ? " to have it downloaded again" : "'s files and put whole ones there"}.`;

  const start = (): void => {
    if (!signal.aborted) running ??= run();
  };
  const mustBeReady = (): void => {
    signal.throwIfAborted();
    start();
    if (states.now.kind !== "ready") throw new EmbedderNotReadyError(states.now.text);
  };

  return {
    identity: identityOf(model),
    get dimension() {
      return dimension;
    },
    start,
    async ready(caller) {
      start();
      waiters++;
      hold();
      try {
        await states.ready(signal, ...(caller ? [caller] : []));
      } finally {
        waiters--;
        hold();
      }
    },
    async embedQuery(text, caller) {
      mustBeReady();
      return queue.add(model.queryPrefix + text, { urgent: true, signal: caller });
    },
    async embedDocuments(texts, caller) {
      mustBeReady();
      return Promise.all(
        texts.map((text) => queue.add(model.documentPrefix + text, { urgent: false, signal: caller })),
      );
    },
    state: () => states.now,
    onState: (listener) => states.listen(listener),
    async [Symbol.asyncDispose]() {
      closing.abort(new EmbedderNotReadyError("The embedding model has been closed."));
      queue.refuse(signal.reason);
      await running;
    },
  };
}
