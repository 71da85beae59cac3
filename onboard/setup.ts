import { existsSync } from "node:fs";
import { type Config, loadConfig } from "../src/config/config.ts";
import { loadSecrets, type Secrets } from "../src/config/secrets.ts";
import { discoverProviders } from "../src/discover-providers.ts";
import { homePaths } from "../src/home.ts";
import { createModelFetch } from "../src/model-fetch.ts";
import type { ProviderContext, ProviderModule } from "../src/provider.ts";
import { type Surroundings, surroundingsOf } from "./surroundings.ts";

/** What onboarding works with, in either form. */
export interface Setup {
  home: string;
  /** What is there already. */
  existing: Config | undefined;
  modules: ReadonlyMap<string, ProviderModule>;
  secrets: Secrets;
  context: ProviderContext;
  surroundings: Surroundings;
  /** Sentences about provider files and secrets that are not as they should be. */
  warnings: string[];
}

/** Reads what is there. Throws a ConfigError when that is broken: it is the owner's, and is not written over. */
export async function openSetup(home: string, env: NodeJS.ProcessEnv = process.env): Promise<Setup> {
  const paths = homePaths(home);
  const existing = existsSync(paths.config) ? await loadConfig(home) : undefined;
  const { found, problems } = await discoverProviders(paths.providers);
  const secrets = loadSecrets(home, env);
  return {
    home,
    existing,
    modules: found,
    secrets,
    context: { fetch: (options) => createModelFetch(options) },
    surroundings: surroundingsOf(env),
    warnings: [...problems.map((problem) => `providers/${problem}`), ...secrets.warnings],
  };
}
