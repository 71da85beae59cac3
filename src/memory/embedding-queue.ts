import { ThreadLostError } from "./embedding-thread.ts";

/** Texts that wait to be embedded, one at a time: the urgent ones first, each kind in the order of coming. */
export interface EmbeddingQueue {
  add(text: string, options: { urgent: boolean; signal?: AbortSignal | undefined }): Promise<Float32Array>;
  /** From now on `embed` does the work, until it is lost or told otherwise. */
  serve(embed: (text: string) => Promise<Float32Array>): void;
  /** Nothing is done any more; what waits is given `error`. */
  refuse(error: Error): void;
  /** How many wait or are being worked at. */
  readonly size: number;
}

interface Job {
  text: string;
  urgent: boolean;
  losses: number;
  resolve(vector: Float32Array): void;
  reject(reason: unknown): void;
}

/** `onSize` is called whenever another number of them waits. */
export function createEmbeddingQueue(onSize: () => void): EmbeddingQueue {
  const jobs: Job[] = [];
  let current: Job | undefined;
  let embed: ((text: string) => Promise<Float32Array>) | undefined;
  let refusal: Error | undefined;

  const size = (): number => jobs.length + (current ? 1 : 0);
  const enqueue = (job: Job): void => {
    const firstPatient = jobs.findIndex(({ urgent }) => !urgent);
    jobs.splice(job.urgent && firstPatient >= 0 ? firstPatient : jobs.length, 0, job);
  };

  const work = async (): Promise<void> => {
    if (current) return;
    while (embed && jobs.length > 0) {
      current = jobs.shift() as Job;
      try {
        current.resolve(await embed(current.text));
      } catch (error) {
        again(current, error);
      }
      current = undefined;
      onSize();
    }
  };

  /** A thread may be lost through no fault of the text; lost twice over the same text, the text is the fault. */
  const again = (job: Job, error: unknown): void => {
    const isLost = error instanceof ThreadLostError;
    if (isLost) embed = undefined;
    if (isLost && ++job.losses < 2 && !refusal) jobs.unshift(job);
    else job.reject(refusal ?? error);
  };

  return {
    async add(text, { urgent, signal }) {
      signal?.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<Float32Array>();
      const job: Job = { text, urgent, losses: 0, resolve, reject };
      const abort = (): void => {
        const index = jobs.indexOf(job);
        if (index >= 0) jobs.splice(index, 1);
        reject(signal?.reason);
        onSize();
      };
      signal?.addEventListener("abort", abort, { once: true });
      enqueue(job);
      onSize();
      void work();
      try {
        return await promise;
      } finally {
        signal?.removeEventListener("abort", abort);
      }
    },
    serve(by) {
      refusal = undefined;
      embed = by;
      void work();
    },
    refuse(error) {
      refusal = error;
      embed = undefined;
      for (const job of jobs.splice(0)) job.reject(error);
      onSize();
    },
    get size() {
      return size();
    },
  };
}
