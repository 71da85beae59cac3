import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** What a process holds, in bytes; rubbish is collected first. */
export interface Held {
  heapUsed: number;
  /** Outside the heap: buffers, and the memory of WebAssembly. */
  external: number;
  rss: number;
  descriptors: number;
}

const preload = join(import.meta.dirname, "tell-heap.mjs");

/** The environment of a Node process that `heldBy` can ask; each such process needs a file of its own. */
export function tellsHeap(file: string): Record<string, string> {
  return { NODE_OPTIONS: `--import=${preload}`, HEAP_FILE: file };
}

export async function heldBy(pid: number, file: string): Promise<Held> {
  rmSync(file, { force: true });
  process.kill(pid, "SIGUSR2");
  const deadline = performance.now() + 30_000;
  while (!existsSync(file)) {
    if (performance.now() > deadline) throw new Error(`Process ${pid} did not say what it holds`);
    await sleep(20);
  }
  return JSON.parse(readFileSync(file, "utf8"));
}
