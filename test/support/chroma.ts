import { execFile } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { installEnvironment } from "../../src/child/environment.ts";
import { silent } from "../../src/log.ts";
import { type ChromaCommand, type RunningChroma, startChroma } from "../../src/memory/chroma-process.ts";

/** The server of Python's package: the same as that of the npm package, and it runs on older systems as well. */
const version = "1.5.9";
const cache = join(import.meta.dirname, "../../node_modules/.cache/memtrix-test");
const run = "import sys, chromadb_rust_bindings as chroma; chroma.cli(['chroma', *sys.argv[1:]])";

let found: Promise<ChromaCommand | undefined> | undefined;

/**
 * What runs a real Chroma: the executable that MEMTRIX_TEST_CHROMA names, or one that is installed once, in some seconds.
 * Says why when there is none.
 */
export function chromaCommand(): Promise<ChromaCommand | undefined> {
  found ??= findOrMake().catch((error: Error) => {
    console.warn(`skipped: the tests with Chroma, because it cannot be installed here (${error.message})`);
    return undefined;
  });
  return found;
}

/** A server on a folder of the test's own. It is started again when it falls. */
export async function startTestChroma(directory: string): Promise<RunningChroma> {
  const command = await chromaCommand();
  if (!command) throw new Error("There is no Chroma here.");
  return startChroma({ directory, log: silent, command });
}

async function findOrMake(): Promise<ChromaCommand> {
  const given = process.env.MEMTRIX_TEST_CHROMA;
  if (given) return { program: given, arguments: [] };
  mkdirSync(cache, { recursive: true });
  const directory = join(cache, "chroma");
  const program = join(directory, "bin", "python");
  const label = join(directory, `installed-${version}`);
  using _alone = waitForLock(join(cache, "making-chroma"));
  if (!existsSync(label)) {
    console.warn("For the tests, once: installing Chroma; this takes some seconds.");
    rmSync(directory, { recursive: true, force: true });
    const execute = promisify(execFile);
    const options = { env: installEnvironment() };
    await execute("python3", ["-m", "venv", directory], options);
    // The server is whole in the package itself; what it depends on is for Python programs, and six times as large.
    const pip = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"];
    await execute(program, [...pip, "--no-deps", "--only-binary=:all:", `chromadb==${version}`], options);
    writeFileSync(label, "");
  }
  return { program, arguments: ["-c", run] };
}

/** Test files run side by side, and one of them makes it for all. A killed holder leaves no lock behind. */
function waitForLock(path: string): Disposable {
  const lock = new DatabaseSync(path);
  lock.exec("PRAGMA busy_timeout = 120000; BEGIN EXCLUSIVE");
  return { [Symbol.dispose]: () => lock.close() };
}
