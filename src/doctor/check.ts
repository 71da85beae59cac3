import type { Config } from "../config/config.ts";
import type { Secrets } from "../config/secrets.ts";
import type { HomePaths } from "../home.ts";

/** What a look at one part has found. */
export interface Finding {
  /** `warning`: it works, but not as it should; `fault`: something does not work; `unseen`: it could not be looked at. */
  state: "ok" | "warning" | "fault" | "unseen";
  /** A sentence or less. Never holds a secret. */
  text: string;
  /** What to do, unless the text says it. */
  remedy?: string | undefined;
}

/** One part, looked at for real. */
export interface Check {
  readonly name: string;
  /** It may take so long. Left out: 20 s. */
  readonly limitMs?: number;
  /** A throw is a fault, whose message is the text. */
  run(ground: Ground, signal: AbortSignal): Promise<readonly Finding[]>;
}

/** What all checks stand on. */
export interface Ground {
  home: string;
  paths: HomePaths;
  /** Of Node: `24.1.0`. */
  nodeVersion: string;
  /** Memtrix is at work on this data: nothing may be opened that it holds. */
  isRunning: boolean;
  /** As it stands, `$NAME` for secrets. Rejects with a sentence where it cannot be read; so do the secrets. */
  config: Promise<Config>;
  secrets: Promise<Secrets>;
  /** Resolves when a homeserver of this installation's own answers, which is started for the look; rejects when it does not. */
  homeserver: Promise<void>;
  now(): Date;
}

export const ok = (text: string): Finding => ({ state: "ok", text });
export const unseen = (text: string): Finding => ({ state: "unseen", text });
export const warning = (text: string, remedy?: string): Finding => ({ state: "warning", text, remedy });
export const fault = (text: string, remedy?: string): Finding => ({ state: "fault", text, remedy });

/** A check that needs to know what the config says, with its secrets filled in; where that is broken, that is told once, by others. */
export function checkOf(
  name: string,
  look: (config: Config, ground: Ground, signal: AbortSignal) => Promise<readonly Finding[]>,
  limitMs?: number,
): Check {
  return {
    name,
    ...(limitMs === undefined ? {} : { limitMs }),
    async run(ground, signal) {
      const [config, secrets] = await Promise.all([ground.config, ground.secrets]).catch(() => []);
      if (!config || !secrets) return [unseen("the config and the secrets must be mended first")];
      let resolved: Config;
      try {
        resolved = secrets.resolve(config);
      } catch {
        return [unseen("a secret is missing")];
      }
      return look(resolved, ground, signal);
    },
  };
}
