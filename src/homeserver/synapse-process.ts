import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { serverEnvironment } from "../child/environment.ts";
import type { ChildServer } from "../child/keep-running.ts";
import { lastLines } from "../child/last-lines.ts";
import { startChild } from "../child/start-child.ts";
import { ConfigError } from "../errors.ts";

export interface SynapseProcessOptions {
  /** The interpreter of the virtual environment that Synapse is installed in. */
  python: string;
  /** Synapse's configuration. */
  configFile: string;
  /** Where it will answer. */
  url: string;
  startMs?: number;
  signal?: AbortSignal | undefined;
}

/** Resolves when the server answers. Its process ends with ours, however ours ends. */
export async function startSynapseProcess(options: SynapseProcessOptions): Promise<ChildServer> {
  const { python, configFile, url, startMs = 60_000, signal } = options;
  const script = join(import.meta.dirname, "run_synapse.py");
  const child = startChild(python, [script, "-c", configFile], { env: serverEnvironment() });
  const said = lastLines([child.stdout, child.stderr]);
  const ended = once(child, "exit").then(
    () => {},
    () => {}, // Could not be started at all: what there is to say comes from the listener below.
  );
  const failure = Promise.withResolvers<never>();
  child.once("error", (error) => failure.reject(cannotStart(error.message, error)));
  child.once("exit", () => failure.reject(cannotStart(said() || "it ended at once")));

  const limit = AbortSignal.any([AbortSignal.timeout(startMs), ...(signal ? [signal] : [])]);
  try {
    await Promise.race([failure.promise, answers(url, limit)]);
  } catch (error) {
    await end(child, ended);
    if (error !== limit.reason || signal?.aborted) throw error;
    throw cannotStart(`no answer within ${startMs / 1000} s${said() && `; it said: ${said()}`}`);
  }
  return { pid: child.pid as number, ended, stop: () => end(child, ended) };
}

async function answers(url: string, limit: AbortSignal): Promise<void> {
  for (;;) {
    limit.throwIfAborted();
    const patience = AbortSignal.any([limit, AbortSignal.timeout(2_000)]);
    const response = await fetch(`${url}/_matrix/client/versions`, { signal: patience }).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function end(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  const reluctant = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await ended;
  clearTimeout(reluctant);
}

function cannotStart(why: string, cause?: unknown): ConfigError {
  return new ConfigError(`The private homeserver does not start: ${why}`, { cause });
}
