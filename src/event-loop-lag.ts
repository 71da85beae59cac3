import type { Logger } from "./log.ts";

/** Whether this process comes to its work: while one piece of it holds the event loop, everything else waits. */
export interface EventLoopLag extends Disposable {
  /** The longest that everything had to wait within the time that is remembered, in milliseconds. */
  worstMs(): number;
}

export interface EventLoopLagOptions {
  log: Logger;
  /** A wait of this length is put into the log. */
  noteMs?: number;
  rememberedMs?: number;
}

const beatMs = 250;

/** Watches until it is disposed of; keeps no process alive. */
export function watchEventLoopLag({ log, noteMs = 2_000, rememberedMs = 60_000 }: EventLoopLagOptions): EventLoopLag {
  let waits: { at: number; ms: number }[] = [];
  let last = performance.now();
  let lastProcessor = process.threadCpuUsage();

  function beat(): void {
    const at = performance.now();
    const ms = Math.round(Math.max(0, at - last - beatMs));
    const processor = process.threadCpuUsage(lastProcessor);
    last = at;
    lastProcessor = process.threadCpuUsage();
    waits = waits.filter((wait) => at - wait.at < rememberedMs && wait.ms > ms);
    waits.push({ at, ms });
    // Where the processor had little to do meanwhile, the process waited for a disk, or was itself held.
    const workedMs = Math.round((processor.user + processor.system) / 1000);
    if (ms >= noteMs) log.warn("Everything had to wait", { ms, workedMs });
  }

  const timer = setInterval(beat, beatMs);
  timer.unref();
  return {
    worstMs() {
      const now = performance.now();
      const known = waits.find(({ at }) => now - at < rememberedMs)?.ms ?? 0;
      return Math.max(known, Math.round(now - last - beatMs));
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
