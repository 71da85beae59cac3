import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError } from "../errors.ts";
import { lastLines } from "./last-lines.ts";

export const synapseVersion = "1.163.2";

export interface InstallOptions {
  /** The virtual environment's folder. */
  directory: string;
  /** Beside Synapse. */
  packages?: readonly string[];
  /** One sentence at a time. */
  onProgress?: ((sentence: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

export const pythonOf = (directory: string): string => join(directory, "bin", "python");

/** Makes a virtual environment with the pinned Synapse; one that stands already is left as it is. Gives its interpreter. */
export async function installSynapse(options: InstallOptions): Promise<string> {
  const { directory, packages = [], onProgress = () => {}, signal } = options;
  const python = pythonOf(directory);
  if (await holdsSynapse(python, signal)) return python;

  await rm(directory, { recursive: true, force: true });
  onProgress("Making a virtual environment for the homeserver");
  await run("python3", ["-m", "venv", directory], signal);
  onProgress(`Installing Synapse ${synapseVersion} (about half a minute)`);
  const wanted = [`matrix-synapse==${synapseVersion}`, ...packages];
  await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...wanted], signal);
  return python;
}

async function holdsSynapse(python: string, signal: AbortSignal | undefined): Promise<boolean> {
  const question = `import importlib.metadata as m; assert m.version("matrix-synapse") == "${synapseVersion}"`;
  return run(python, ["-c", question], signal).then(
    () => true,
    () => false,
  );
}

async function run(program: string, args: string[], signal: AbortSignal | undefined): Promise<void> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], signal });
  const said = lastLines([child.stdout, child.stderr]);
  const [code] = await once(child, "close");
  if (code !== 0) throw new ConfigError(`${program} ${args.slice(0, 3).join(" ")} failed: ${said()}`);
}
