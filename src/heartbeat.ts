import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { uptime } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { AccountState } from "./channel/channel.ts";
import { watchEventLoopLag } from "./event-loop-lag.ts";
import type { Logger } from "./log.ts";

export interface HeartbeatOptions {
  /** The installation's `data`. */
  directory: string;
  connections(): readonly AccountState[];
  log: Logger;
  now?(): Date;
  intervalMs?: number;
}

const heartbeat = z.object({
  /** When it was written, in seconds since this machine was started: whoever sets the clock does not make it older. */
  writtenAtUptime: z.number(),
  /** The longest that the event loop was held up in the last heartbeats: whoever looks every 30 s misses none. */
  lateMs: z.number(),
  /** How long the heartbeat before took to be written: a small file. */
  writeMs: z.number().default(0),
  connections: z.array(
    z.object({
      agent: z.string(),
      silentSeconds: z.number().nullable(),
      undecryptable: z.number(),
      problem: z.string().optional(),
    }),
  ),
});
export type Heartbeat = z.infer<typeof heartbeat>;

const usualIntervalMs = 10_000;
/** How many heartbeats a lateness is told in. */
const rememberedBeats = 4;
/** A small file that takes as long to be written is worth a line in the log. */
const slowWriteMs = 1_000;

const fileIn = (directory: string): string => join(directory, "heartbeat.json");

/**
 * Writes down every few seconds how the program is, for `memtrix health` to read. That it can be written is the proof that
 * the data can. Disposing of it ends that, and takes the file away.
 */
export async function startHeartbeat(options: HeartbeatOptions): Promise<AsyncDisposable> {
  const { directory, connections, log, now = () => new Date(), intervalMs = usualIntervalMs } = options;
  const file = fileIn(directory);
  const lag = watchEventLoopLag({ log, rememberedMs: rememberedBeats * intervalMs });
  let lastProblem: string | undefined;
  let writeMs = 0;

  async function beat(): Promise<void> {
    const text = JSON.stringify({
      writtenAtUptime: uptime(),
      lateMs: lag.worstMs(),
      writeMs,
      connections: connections().map(({ agent, lastSyncAt, undecryptable, problem }) => ({
        ...{ agent, undecryptable, problem },
        silentSeconds: lastSyncAt ? Math.max(0, Math.round((now().getTime() - lastSyncAt.getTime()) / 1000)) : null,
      })),
    } satisfies Heartbeat);
    const began = performance.now();
    try {
      await writeFile(`${file}.next`, text, { mode: 0o600 });
      await rename(`${file}.next`, file);
      lastProblem = undefined;
      writeMs = Math.round(performance.now() - began);
      if (writeMs > slowWriteMs) log.warn("The disk is slow", { writeMs });
    } catch (error) {
      const problem = String(error);
      if (problem !== lastProblem) log.warn("The heartbeat could not be written", { error });
      lastProblem = problem;
    }
  }

  let beating = beat();
  await beating;
  const beats = setInterval(() => {
    beating = beating.then(beat);
  }, intervalMs);
  return {
    async [Symbol.asyncDispose]() {
      lag[Symbol.dispose]();
      clearInterval(beats);
      await beating;
      await rm(file, { force: true });
    },
  };
}

/** The last heartbeat and its age; undefined where nothing runs that would write one. */
export async function readHeartbeat(
  directory: string,
): Promise<{ heartbeat: Heartbeat; ageSeconds: number } | undefined> {
  const text = await readFile(fileIn(directory), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const known = heartbeat.parse(JSON.parse(text));
  return { heartbeat: known, ageSeconds: uptime() - known.writtenAtUptime };
}
