import { existsSync } from "node:fs";
import { join } from "node:path";
import { firstFree, isFree } from "../child/free-port.ts";
import { type ChildServer, keepRunning } from "../child/keep-running.ts";
import { endLeftover, forgetPid, notePid } from "../child/leftover.ts";
import { ConfigError, messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import { installSynapse, pythonOf } from "./install-synapse.ts";
import { createSynapseHome, laySynapseFiles, readSynapseHome, type SynapseHome } from "./synapse-home.ts";
import { startSynapseProcess } from "./synapse-process.ts";

/** A homeserver of the owner's own on this machine, where there is no Docker: Synapse, on loopback, without federation. */
export interface PrivateSynapse {
  url: string;
  serverName: string;
  /** Makes accounts. A secret. */
  registrationSharedSecret: string;
}

export interface RunningHomeserver {
  url: string;
  /** Resolves when it is gone. */
  stop(): Promise<void>;
}

export interface InstallPrivateSynapse {
  /** data/homeserver */
  directory: string;
  /** Where it will answer. At first 6167, or the next free one; later the same again. */
  port?: number;
  serverName?: string;
  /** One sentence at a time. */
  onProgress?: (sentence: string) => void;
  signal?: AbortSignal;
}

const usualPort = 6167;

/** Twice is harmless: what is there stays, with its accounts. @throws ConfigError that says what this machine lacks. */
export async function installPrivateSynapse(options: InstallPrivateSynapse): Promise<PrivateSynapse> {
  const { directory, port, serverName = "memtrix.local", onProgress, signal } = options;
  const known = await readSynapseHome(directory);
  await installSynapse({ directory: join(directory, "venv"), onProgress, signal });
  const home = known ?? (await createSynapseHome(directory, serverName, await portFor(port)));
  return {
    url: urlOf(home),
    serverName: home.serverName,
    registrationSharedSecret: home.secrets.registrationSharedSecret,
  };
}

export interface StartPrivateSynapse {
  directory: string;
  log: Logger;
  signal?: AbortSignal;
}

/**
 * Resolves when it answers. It ends with us, however we end; when it ends by itself, it is started again.
 * @throws ConfigError that says why it does not start.
 */
export async function startPrivateSynapse({ directory, log, signal }: StartPrivateSynapse): Promise<RunningHomeserver> {
  const home = await readSynapseHome(directory);
  if (!home) throw new ConfigError("There is no private homeserver yet: run memtrix onboard.");
  const venv = join(directory, "venv");
  // It is in no backup: where one was restored it may be missing.
  if (!existsSync(pythonOf(venv))) await installSynapse({ directory: venv, onProgress: log.info, signal });
  const kept = await keepRunning({
    start: (startSignal) => startOnce(directory, home, log, startSignal),
    onFailure: (error) =>
      log.error(error === undefined ? "the private homeserver ended by itself; starting it again" : messageOf(error)),
    signal,
  });
  return {
    url: urlOf(home),
    async stop() {
      await kept.stop();
      await forgetPid(pidFile(directory));
    },
  };
}

async function startOnce(
  directory: string,
  home: SynapseHome,
  log: Logger,
  signal: AbortSignal | undefined,
): Promise<ChildServer> {
  const configFile = await laySynapseFiles(directory, home);
  if ((await endLeftover(pidFile(directory), configFile)) === "ended")
    log.info("ended a homeserver that was left from before");
  if (!(await isFree(home.port))) throw portTaken(home.port);
  const python = pythonOf(join(directory, "venv"));
  const started = await startSynapseProcess({ python, configFile, url: urlOf(home), signal });
  await notePid(pidFile(directory), started.pid);
  return started;
}

const pidFile = (directory: string): string => join(directory, "synapse.pid");

const urlOf = ({ port }: SynapseHome): string => `http://127.0.0.1:${port}`;

async function portFor(asked: number | undefined): Promise<number> {
  if (asked !== undefined) {
    if (await isFree(asked)) return asked;
    throw portTaken(asked);
  }
  const port = await firstFree(usualPort, 20);
  if (port === undefined) throw portTaken(usualPort);
  return port;
}

function portTaken(port: number): ConfigError {
  return new ConfigError(
    `Port ${port} of this machine, where the private homeserver answers, is taken by another program: end that one (ss -ltnp shows it), then start again.`,
  );
}
