import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { installSynapse, pythonOf } from "../../src/homeserver/install-synapse.ts";

const nioVersion = "0.26.0";
const cache = join(import.meta.dirname, "../../node_modules/.cache/memtrix-test");

/** Whether the tests that need a homeserver can run. Makes what they need at the first call; says why when it cannot. */
export async function canRunSynapse(): Promise<boolean> {
  return (await synapsePython()) !== undefined;
}

let found: Promise<string | undefined> | undefined;

/** The interpreter of an environment with Synapse and matrix-nio: MEMTRIX_TEST_SYNAPSE_VENV, or one of our own making. */
export function synapsePython(): Promise<string | undefined> {
  found ??= findOrMake().catch((error: Error) => {
    console.warn(`skipped: the tests with a homeserver, because it cannot be installed here (${error.message})`);
    return undefined;
  });
  return found;
}

async function findOrMake(): Promise<string> {
  const given = process.env.MEMTRIX_TEST_SYNAPSE_VENV;
  if (given) return pythonOf(given);
  mkdirSync(cache, { recursive: true });
  using _alone = waitForLock(join(cache, "making"));
  return installSynapse({
    directory: join(cache, "synapse"),
    packages: [`matrix-nio[e2e]==${nioVersion}`],
    onProgress: (sentence) => console.warn(`For the tests, once: ${sentence}`),
  });
}

/** Test files run side by side, and one of them makes it for all. A killed holder leaves no lock behind. */
function waitForLock(path: string): Disposable {
  const lock = new DatabaseSync(path);
  lock.exec("PRAGMA busy_timeout = 300000; BEGIN EXCLUSIVE");
  return { [Symbol.dispose]: () => lock.close() };
}
