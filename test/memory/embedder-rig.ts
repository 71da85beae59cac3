import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { onTestFinished } from "vitest";
import { silent } from "../../src/log.ts";
import { createEmbedder, type Embedder, type EmbedderOptions } from "../../src/memory/embedder.ts";
import type { EmbedderState } from "../../src/memory/embedder-state.ts";
import { findModel } from "../../src/memory/embedding-models.ts";
import { type MadeModel, makeModelFolder } from "../support/make-onnx.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** A folder that holds a small model. */
export function madeModel(made?: MadeModel): string {
  const folder = join(temporaryFolder(), "small");
  makeModelFolder(folder, made);
  return folder;
}

export interface RigOptions extends Partial<Omit<EmbedderOptions, "model">> {
  /** `data/models`; the same one again is a second start. */
  directory?: string;
}

/** An embedder of this test alone. */
export async function embedderOf(setting: string, { directory, ...options }: RigOptions = {}): Promise<Embedder> {
  const model = await findModel(setting, directory ?? temporaryFolder());
  const embedder = createEmbedder({ model, log: silent, ...options });
  onTestFinished(() => embedder[Symbol.asyncDispose]());
  return embedder;
}

/** Resolves with the first state from now on, the present one included, that is as wanted. */
export async function stateOf(embedder: Embedder, wanted: (state: EmbedderState) => boolean): Promise<EmbedderState> {
  const { promise, resolve } = Promise.withResolvers<EmbedderState>();
  const look = (state: EmbedderState): void => {
    if (wanted(state)) resolve(state);
  };
  const end = embedder.onState(look);
  look(embedder.state());
  try {
    return await promise;
  } finally {
    end();
  }
}

/** The threads that begin from now on in this process, in order. */
export function startedThreads(): Worker[] {
  const threads: Worker[] = [];
  const note = (worker: Worker): void => void threads.push(worker);
  process.on("worker", note);
  onTestFinished(() => void process.off("worker", note));
  return threads;
}

export function similarity(one: Float32Array, other: Float32Array): number {
  return one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
}
