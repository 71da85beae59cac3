import { once } from "node:events";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { request } from "undici";
import { serverEnvironment } from "../child/environment.ts";
import { anyFree } from "../child/free-port.ts";
import { type ChildServer, keepRunning } from "../child/keep-running.ts";
import { lastLines } from "../child/last-lines.ts";
import { endLeftover, forgetPid, notePid } from "../child/leftover.ts";
import { startChild } from "../child/start-child.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import { takeOwnerLock } from "../store/owner-lock.ts";
import { tellsDamage } from "./chroma-client.ts";

export interface ChromaProcessOptions {
  /** data/chroma */
  directory: string;
  log: Logger;
  /** What runs the server; Chroma's own arguments follow. */
  command?: ChromaCommand;
  signal?: AbortSignal;
}

export interface ChromaCommand {
  program: string;
  arguments: readonly string[];
}

export interface RunningChroma {
  url: string;
  pid(): number;
  /** Ends it, deletes what it holds, and starts it again. */
  beginAnew(): Promise<void>;
  /** Resolves when it is gone. */
  stop(): Promise<void>;
}

const startMs = 20_000;
const stopMs = 5_000;

/** The npm package's server, in a Node of its own. */
const ownServer: ChromaCommand = {
  program: process.execPath,
  arguments: [
    "--eval",
    `import(${JSON.stringify(pathToFileURL(join(import.meta.dirname, "run-chroma.ts")).href)}).then((file) => file.runChroma())`,
    "chroma",
  ],
};

/**
 * Resolves when it answers. It ends with us, however we end; when it ends by itself, it is started again at the same address.
 * @throws when it does not run on this machine: the message says why, as the rest of a sentence.
 */
export async function startChroma(options: ChromaProcessOptions): Promise<RunningChroma> {
  const { directory, log, command = ownServer, signal } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // Two servers on one folder do not notice each other.
  using lock = new DisposableStack();
  lock.use(takeOwnerLock(`${directory}.lock`, "Chroma's starter", new Date()));
  const port = await anyFree();
  const pidFile = `${directory}.pid`;
  let running: ChildServer | undefined;
  let isDamaged = false;

  async function empty(): Promise<void> {
    log.warn("Chroma's data are damaged: begun anew");
    await rm(directory, { recursive: true, force: true });
    isDamaged = false;
  }

  const kept = await keepRunning({
    async start(startSignal) {
      if ((await endLeftover(pidFile, directory, "SIGINT")) === "ended") log.info("ended a Chroma left from before");
      if (isDamaged) await empty();
      running = await startOnce(command, directory, port, startSignal).catch(async (error) => {
        if (!tellsDamage(messageOf(error))) throw error;
        await empty();
        return startOnce(command, directory, port, startSignal);
      });
      await notePid(pidFile, running.pid);
      return running;
    },
    onFailure: (error) =>
      log.warn(
        error === undefined
          ? "Chroma ended by itself; starting it again"
          : `Chroma does not start: ${messageOf(error)}`,
      ),
    signal,
  });

  const held = lock.move();
  return {
    url: urlOf(port),
    pid: () => running?.pid ?? 0,
    async beginAnew() {
      isDamaged = true;
      await running?.stop();
    },
    async stop() {
      await kept.stop();
      await forgetPid(pidFile);
      held.dispose();
    },
  };
}

const urlOf = (port: number): string => `http://127.0.0.1:${port}`;

async function startOnce(
  { program, arguments: first }: ChromaCommand,
  directory: string,
  port: number,
  signal: AbortSignal | undefined,
): Promise<ChildServer> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const child = startChild(
    program,
    [...first, "run", "--path", directory, "--host", "127.0.0.1", "--port", String(port)],
    // Detached: Ctrl-C is for us, and we tell it when we are done.
    { env: serverEnvironment(), cwd: directory, detached: true },
  );
  const said = lastLines([child.stdout, child.stderr]);
  const ended = once(child, "exit").then(
    () => {},
    () => {}, // Could not be started at all: what there is to say comes from the listener below.
  );
  const failure = Promise.withResolvers<never>();
  child.once("error", failure.reject);
  child.once("exit", () => failure.reject(new Error(reasonIn(said()))));

  async function stop(): Promise<void> {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGINT"); // At SIGTERM it would go on, and spin.
    const reluctant = setTimeout(() => child.kill("SIGKILL"), stopMs);
    await ended;
    clearTimeout(reluctant);
  }

  const limit = AbortSignal.any([AbortSignal.timeout(startMs), ...(signal ? [signal] : [])]);
  try {
    await Promise.race([failure.promise, answers(port, limit)]);
  } catch (error) {
    await stop();
    if (!limit.aborted || signal?.aborted) throw error;
    throw new Error(`its server does not answer within ${startMs / 1000} s`);
  }
  return { pid: child.pid as number, ended, stop };
}

async function answers(port: number, limit: AbortSignal): Promise<void> {
  for (;;) {
    limit.throwIfAborted();
    const response = await request(`${urlOf(port)}/api/v2/heartbeat`, { signal: limit }).catch(() => undefined);
    await response?.body.dump();
    if (response?.statusCode === 200) return;
    await sleep(25, undefined, { signal: limit });
  }
}

/** Why it ended at once, from its last words. */
function reasonIn(said: string): string {
  if (/GLIBC_[\d.]+' not found/.test(said))
    return "its server needs a newer system library, glibc 2.39 (Debian 13 and Ubuntu 24.04 have it)";
  if (/Cannot find (?:module|package)|Unsupported/.test(said)) return "its server is not made for this machine";
  return said === "" ? "its server ended at once" : `its server ended at once (${said})`;
}
