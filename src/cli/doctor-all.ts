import { existsSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "../config/config.ts";
import { loadSecrets } from "../config/secrets.ts";
import type { Finding, Ground } from "../doctor/check.ts";
import { checks } from "../doctor/checks.ts";
import { type Examined, examine } from "../doctor/examine.ts";
import { ConfigError } from "../errors.ts";
import { type HomePaths, homePaths } from "../home.ts";
import { createLogger, fileWriter } from "../log.ts";
import { takeOwnerLock } from "../store/owner-lock.ts";
import { endSignal } from "./terminal.ts";

/** `memtrix doctor` without a part: looks at everything. Exit code 1 when something does not work. */
export async function doctorAll({ home, json }: { home: string; json: boolean }): Promise<number> {
  const ending = new AbortController();
  void endSignal().then((code) => ending.abort(code));
  await using resources = new AsyncDisposableStack();
  const ground = stand(home, resources, ending.signal);
  const all: Examined[] = [];
  if (!json && ground.isRunning) console.log("Memtrix runs: what it holds itself is not opened.\n");
  try {
    for await (const examined of examine(checks, ground, ending.signal)) {
      all.push(examined);
      if (!json) print(examined);
    }
  } catch (error) {
    if (typeof ending.signal.reason === "number") return ending.signal.reason;
    throw error;
  }
  const findings = all.flatMap(({ name, findings }) => findings.map((finding) => ({ check: name, ...finding })));
  const count = (state: Finding["state"]) => findings.filter((one) => one.state === state).length;
  const faults = count("fault");
  if (json) console.log(JSON.stringify({ ok: faults === 0, running: ground.isRunning, findings }, null, 2));
  else console.log(`\n${summary(faults, count("warning"))}`);
  return faults === 0 ? 0 : 1;
}

/** Holds the data while it looks, unless Memtrix does; starts a homeserver that is this installation's own. */
function stand(home: string, resources: AsyncDisposableStack, signal: AbortSignal): Ground {
  const paths = homePaths(home);
  const isRunning = !holds(paths, resources);
  const config = loadConfig(home);
  const secrets = (async () => loadSecrets(home))();
  const homeserver = isRunning
    ? Promise.resolve()
    : startOwnHomeserver({ home, paths, config, secrets }, resources, signal);
  // Whoever needs them hears of it.
  for (const promise of [config, secrets, homeserver]) promise.catch(() => {});
  return {
    home,
    paths,
    isRunning,
    config,
    secrets,
    homeserver,
    nodeVersion: process.versions.node,
    now: () => new Date(),
  };
}

/** False where another process has the data. */
function holds({ data }: HomePaths, resources: AsyncDisposableStack): boolean {
  if (!existsSync(data)) return true;
  try {
    resources.use(takeOwnerLock(data, "memtrix doctor", new Date()));
    return true;
  } catch (error) {
    // A folder that cannot be written is told of by the check of the folders.
    return !(error instanceof ConfigError);
  }
}

async function startOwnHomeserver(
  { paths, config, secrets }: Pick<Ground, "home" | "paths" | "config" | "secrets">,
  resources: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<void> {
  if (!existsSync(join(paths.data, "homeserver"))) return;
  const { "main-agent": main, channels } = await config;
  const section = channels[main.channel];
  if (section?.type !== "matrix") return;
  const { homeserver } = (await secrets).resolve({ homeserver: section.homeserver });
  const { startHomeserver } = await import("../open-matrix.ts");
  const log = createLogger({ write: fileWriter(join(paths.data, "memtrix.log")) });
  await startHomeserver({ section: { homeserver }, data: paths.data, log, onProgress() {} }, resources, signal);
}

const words: Record<Finding["state"], { word: string; color: number }> = {
  ok: { word: "ok", color: 32 },
  warning: { word: "warning", color: 33 },
  fault: { word: "FAULT", color: 31 },
  unseen: { word: "not seen", color: 2 },
};

function print({ name, findings }: Examined): void {
  for (const { state, text, remedy } of findings) {
    const { word, color } = words[state];
    const mark = word.padEnd(8);
    const shown = process.stdout.isTTY ? `\u001b[${color}m${mark}\u001b[0m` : mark;
    console.log(`${shown}  ${name.padEnd(12)}  ${text}`);
    if (remedy !== undefined) console.log(`${" ".repeat(24)}→ ${remedy}`);
  }
}

function summary(faults: number, warnings: number): string {
  if (faults === 0 && warnings === 0) return "All is well.";
  const counted = (count: number, one: string) => `${count === 0 ? "no" : count} ${one}${count === 1 ? "" : "s"}`;
  return `${counted(faults, "fault")}, ${counted(warnings, "warning")}.`.replace(/^n/, "N");
}
