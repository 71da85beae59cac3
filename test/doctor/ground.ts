import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadConfig } from "../../src/config/config.ts";
import { loadSecrets } from "../../src/config/secrets.ts";
import type { Check, Finding, Ground } from "../../src/doctor/check.ts";
import { examine } from "../../src/doctor/examine.ts";
import { homePaths } from "../../src/home.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** An installation to be looked at. */
export interface Patient {
  home: string;
  /** Lays down a file that its owner alone can read; gives its path. */
  write(name: string, content: string | object): string;
  /** What the check finds now, as the program reads everything anew. */
  look(check: Check, more?: Partial<Ground>): Promise<readonly Finding[]>;
  /** The states of that. */
  states(check: Check, more?: Partial<Ground>): Promise<string[]>;
}

export const plainConfig = {
  version: 1,
  "main-agent": { name: "Memtrix", model: "small", channel: "cli" },
  providers: { own: { type: "rehearsal" } },
  models: { small: { provider: "own", model: "rehearsal" } },
  timezone: "UTC",
  memory: { model: null },
};

/** A new one, with this in its config. */
export function patient(config: object = {}): Patient {
  const home = temporaryFolder();
  const write: Patient["write"] = (name, content) => {
    const path = join(home, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    chmodSync(path, 0o600);
    return path;
  };
  for (const folder of ["data", "workspace", "agents"]) mkdirSync(join(home, folder));
  write("data/config.json", { ...plainConfig, ...config });

  async function look(check: Check, more: Partial<Ground> = {}): Promise<readonly Finding[]> {
    const ground: Ground = {
      ...{ home, paths: homePaths(home), isRunning: false, nodeVersion: process.versions.node, now: () => new Date() },
      ...{ config: loadConfig(home), secrets: (async () => loadSecrets(home, {}))(), homeserver: Promise.resolve() },
      ...more,
    };
    for (const promise of [ground.config, ground.secrets, ground.homeserver]) promise.catch(() => {});
    for await (const { findings } of examine([check], ground, new AbortController().signal)) return findings;
    return [];
  }
  return { home, write, look, states: async (...of) => (await look(...of)).map(({ state }) => state) };
}

/** Does what a remedy says, word for word, as whoever runs this. */
export function follow({ remedy = "" }: Finding): void {
  execFileSync("sh", ["-c", remedy.replace(/^sudo /, "")]);
}
