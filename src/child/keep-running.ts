import { setTimeout as sleep } from "node:timers/promises";

/** A program that was started, and answers. */
export interface ChildServer {
  pid: number;
  /** Resolves when it has ended, whoever ended it. */
  ended: Promise<void>;
  /** Resolves when it is gone. */
  stop(): Promise<void>;
}

export interface KeepRunning {
  start(signal: AbortSignal | undefined): Promise<ChildServer>;
  /** It ended by itself, or did not start again: said before each new attempt. */
  onFailure(error?: unknown): void;
  /** For the first start alone. */
  signal?: AbortSignal | undefined;
}

/** Starts it; from then on starts it again whenever it ends, with longer pauses when it does so often. */
export async function keepRunning({ start, onFailure, signal }: KeepRunning): Promise<{ stop(): Promise<void> }> {
  const stopping = new AbortController();
  let running = await start(signal);

  async function watch(): Promise<void> {
    let failures = 0;
    let startedAt = performance.now();
    for (;;) {
      await running.ended;
      if (stopping.signal.aborted) return;
      failures = performance.now() - startedAt > 600_000 ? 1 : failures + 1;
      onFailure();
      await sleep(Math.min(250 * 2 ** failures, 60_000), undefined, { signal: stopping.signal });
      startedAt = performance.now();
      try {
        running = await start(stopping.signal);
        if (stopping.signal.aborted) return running.stop();
      } catch (error) {
        stopping.signal.throwIfAborted();
        onFailure(error);
      }
    }
  }
  const watching = watch().catch(() => {}); // Ends by the abort alone.

  return {
    async stop() {
      stopping.abort();
      await running.stop();
      await watching;
    },
  };
}
