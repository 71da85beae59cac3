import { Worker } from "node:worker_threads";
import type { ReadablePage } from "./readable.ts";

/** Works in a thread of its own, which may take for ever or all memory: then it is ended, and the next request begins another. */
export interface ReadingThread extends AsyncDisposable {
  /** One at a time. Throws one sentence when it fails, takes too long or too much memory, and the signal's reason. */
  ask(request: PageRequest, signal: AbortSignal): Promise<{ page: ReadablePage }>;
  ask(request: PdfRequest, signal: AbortSignal): Promise<{ text: string }>;
}

export interface ReadingThreadOptions {
  /** For one request. */
  patienceMs?: number;
  /** The thread ends when nothing was to be read for so long. */
  idleMs?: number;
  heapMebibytes?: number;
  /** What it holds outside its heap: what was packed in a PDF. */
  buffersMebibytes?: number;
}

interface PageRequest {
  kind: "page";
  html: string;
  address: string;
}

interface PdfRequest {
  kind: "pdf";
  /** Handed over: they are gone here. */
  bytes: Uint8Array<ArrayBuffer>;
}

export type ReadRequest = PageRequest | PdfRequest;
export type ReadAnswer = { page: ReadablePage } | { text: string } | { failure: string };

const threadFile = new URL("./thread.ts", import.meta.url);
const lookAtBuffersEveryMs = 200;

export function createReadingThread(options: ReadingThreadOptions = {}): ReadingThread {
  const { patienceMs = 30_000, idleMs = 60_000, heapMebibytes = 768, buffersMebibytes = 512 } = options;
  let thread: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  /** Settles when the request before has been answered. */
  let turn: Promise<unknown> = Promise.resolve();

  function begin(): Worker {
    clearTimeout(idle);
    const worker = thread ?? new Worker(threadFile, { resourceLimits: { maxOldGenerationSizeMb: heapMebibytes } });
    if (worker === thread) return worker;
    thread = worker;
    // What goes wrong between two requests concerns the next one only.
    worker
      .on("error", () => {})
      .on("exit", () => {
        if (thread === worker) thread = undefined;
      });
    return worker;
  }

  async function end(): Promise<void> {
    clearTimeout(idle);
    const worker = thread;
    thread = undefined;
    await worker?.terminate();
  }

  function rest(): void {
    thread?.unref();
    idle = setTimeout(() => void end(), idleMs).unref();
  }

  async function askNext(request: ReadRequest, caller: AbortSignal): Promise<ReadAnswer> {
    caller.throwIfAborted();
    const what = request.kind === "pdf" ? "PDF" : "page";
    const answered = Promise.withResolvers<ReadAnswer>();
    const worker = begin();
    worker.ref();
    const late = () =>
      answered.reject(new Error(`This ${what} could not be made readable within ${patienceMs / 1000} s.`));
    const broken = () =>
      answered.reject(new Error(`This ${what} could not be made readable: it needs too much memory.`));
    const aborted = () => answered.reject(caller.reason);
    const timer = setTimeout(late, patienceMs);
    // The limits of a thread do not count these.
    const watch = setInterval(async () => {
      const statistics = await worker.getHeapStatistics().catch(() => undefined);
      if ((statistics?.external_memory ?? 0) > buffersMebibytes * 1024 ** 2) broken();
    }, lookAtBuffersEveryMs);
    caller.addEventListener("abort", aborted, { once: true });
    worker.once("message", answered.resolve).once("error", broken).once("exit", broken);
    try {
      worker.postMessage(request, request.kind === "pdf" ? [request.bytes.buffer] : []);
      const answer = await answered.promise;
      if ("failure" in answer) throw new Error(answer.failure);
      return answer;
    } catch (error) {
      await end();
      throw error;
    } finally {
      clearTimeout(timer);
      clearInterval(watch);
      caller.removeEventListener("abort", aborted);
      worker.off("message", answered.resolve).off("error", broken).off("exit", broken);
      rest();
    }
  }

  return {
    ask(request: ReadRequest, signal: AbortSignal) {
      const reading = turn.then(() => askNext(request, signal));
      turn = reading.catch(() => {});
      return reading as Promise<never>;
    },
    [Symbol.asyncDispose]: end,
  };
}
