import { Worker } from "node:worker_threads";
import type { ReadablePage } from "./readable.ts";

/**
 * Makes pages readable, all but short ones in a thread of their own: a page may be made such that this takes for ever or all memory, and
 * nothing else waits for it.
 */
export interface PageReader extends AsyncDisposable {
  /** Throws one sentence when it takes too long or too much memory, and the signal's reason. */
  read(html: string, address: string, signal: AbortSignal): Promise<ReadablePage>;
}

export interface PageReaderOptions {
  /** For one page. */
  patienceMs?: number;
  /** The thread ends when nothing was to be read for so long. */
  idleMs?: number;
  heapMebibytes?: number;
}

export interface ReadRequest {
  html: string;
  address: string;
}

export type ReadAnswer = { page: ReadablePage } | { failure: string };

/** A page this short is read sooner than it is handed over, and no page this short takes long. */
const mostCharactersAtOnce = 16_000;

const threadFile = new URL("./thread.ts", import.meta.url);

export function createPageReader(options: PageReaderOptions = {}): PageReader {
  const { patienceMs = 30_000, idleMs = 60_000, heapMebibytes = 768 } = options;
  let thread: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  /** Settles when the page before has been read. */
  let turn: Promise<unknown> = Promise.resolve();

  function begin(): Worker {
    clearTimeout(idle);
    const worker = thread ?? new Worker(threadFile, { resourceLimits: { maxOldGenerationSizeMb: heapMebibytes } });
    if (worker === thread) return worker;
    thread = worker;
    // What goes wrong between two pages concerns the next one only.
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

  async function readNext(request: ReadRequest, caller: AbortSignal): Promise<ReadablePage> {
    caller.throwIfAborted();
    const answered = Promise.withResolvers<ReadAnswer>();
    const worker = begin();
    worker.ref();
    const late = () =>
      answered.reject(new Error(`This page could not be made readable within ${patienceMs / 1000} s.`));
    const broken = () => answered.reject(new Error("This page could not be made readable: it needs too much memory."));
    const aborted = () => answered.reject(caller.reason);
    const timer = setTimeout(late, patienceMs);
    caller.addEventListener("abort", aborted, { once: true });
    worker.once("message", answered.resolve).once("error", broken).once("exit", broken);
    try {
      worker.postMessage(request);
      const answer = await answered.promise;
      if ("page" in answer) return answer.page;
      throw new Error(`This page could not be made readable (${answer.failure}).`);
    } catch (error) {
      await end();
      throw error;
    } finally {
      clearTimeout(timer);
      caller.removeEventListener("abort", aborted);
      worker.off("message", answered.resolve).off("error", broken).off("exit", broken);
      rest();
    }
  }

  return {
    async read(html, address, signal) {
      if (html.length <= mostCharactersAtOnce) return readAtOnce(html, address, signal);
      const reading = turn.then(() => readNext({ html, address }, signal));
      turn = reading.catch(() => {});
      return reading;
    },
    [Symbol.asyncDispose]: end,
  };
}

async function readAtOnce(html: string, address: string, signal: AbortSignal): Promise<ReadablePage> {
  signal.throwIfAborted();
  // Only who reads a page pays for the library.
  const { readPage } = await import("./readable.ts");
  return readPage(html, address);
}
