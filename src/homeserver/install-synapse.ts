import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { installEnvironment } from "../child/environment.ts";
import { lastLines } from "../child/last-lines.ts";
import { ConfigError } from "../errors.ts";

export const synapseVersion = "1.163.2";

export interface InstallOptions {
  /** The virtual environment's folder; what is in it is ours. */
  directory: string;
  /** Beside Synapse, each with its version. */
  packages?: readonly string[];
  /** One sentence at a time. */
  onProgress?: ((sentence: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

export const pythonOf = (directory: string): string => join(directory, "bin", "python");

/**
 * Makes a virtual environment with the pinned Synapse, and gives its interpreter. One that is whole and of this version is
 * left as it is; one that is not (broken off, older, its Python gone) is made anew.
 * @throws ConfigError that says what is missing on this machine and how to get it.
 */
export async function installSynapse(options: InstallOptions): Promise<string> {
  const { directory, packages = [], onProgress = () => {}, signal } = options;
  const wanted = [`matrix-synapse==${synapseVersion}`, ...packages];
  const python = pythonOf(directory);
  const label = join(directory, "installed");
  if (await isWhole(python, label, wanted, signal)) return python;

  await checkPython(signal);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  onProgress("Making a place for the homeserver.");
  await makeEnvironment(directory, signal);
  onProgress(`Installing the homeserver (Synapse ${synapseVersion}); this takes about a minute.`);
  await installPackages(python, wanted, signal);
  await writeFile(label, wanted.join("\n"));
  return python;
}

async function isWhole(python: string, label: string, wanted: string[], signal?: AbortSignal): Promise<boolean> {
  const installed = (await readFile(label, "utf8").catch(() => "")).split("\n");
  if (!wanted.every((name) => installed.includes(name))) return false;
  const { code } = await run(python, ["-c", "import synapse"], signal).catch(() => ({ code: 1 })); // Its Python may be gone.
  signal?.throwIfAborted();
  return code === 0;
}

const getPython = "on Debian and Ubuntu: apt install python3 python3-venv; on macOS: brew install python";

async function checkPython(signal?: AbortSignal): Promise<void> {
  const question = "import sys; print(sys.version_info >= (3, 10), sys.version.split()[0])";
  const { said } = await run("python3", ["-c", question], signal).catch((error: NodeJS.ErrnoException) => {
    signal?.throwIfAborted();
    if (error.code !== "ENOENT") throw error;
    throw new ConfigError(`The private homeserver needs Python 3.10 or newer, and there is none: ${getPython}.`);
  });
  const [enough, version] = said.split(" ");
  if (enough !== "True") {
    throw new ConfigError(
      `The private homeserver needs Python 3.10 or newer, and python3 is ${version}: ${getPython}.`,
    );
  }
}

async function makeEnvironment(directory: string, signal?: AbortSignal): Promise<void> {
  const { code, said } = await run("python3", ["-m", "venv", directory], signal);
  if (code === 0) return;
  if (/ensurepip|No module named .?venv/.test(said)) {
    throw new ConfigError(
      "Python's venv module is missing on this machine: on Debian and Ubuntu, apt install python3-venv; then try again.",
    );
  }
  throw new ConfigError(`No virtual environment can be made in ${directory}: ${said}`);
}

async function installPackages(python: string, wanted: string[], signal?: AbortSignal): Promise<void> {
  // Built packages only: building one would need compilers, and fail late and at length.
  const options = ["--quiet", "--no-input", "--disable-pip-version-check", "--only-binary=:all:"];
  const { code, said } = await run(python, ["-m", "pip", "install", ...options, ...wanted], signal);
  if (code === 0) return;
  throw new ConfigError(
    `The homeserver cannot be installed (${said}). Check that this machine reaches Python's package index and has 500 MB free, and try again.`,
  );
}

/** Rejects when the program cannot be started, or on abort. */
async function run(program: string, args: string[], signal?: AbortSignal): Promise<{ code: number; said: string }> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: installEnvironment(), signal });
  const said = lastLines([child.stdout, child.stderr]);
  const [code] = await once(child, "close");
  return { code: code ?? 1, said: said() };
}
