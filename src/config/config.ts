import { copyFile, readFile } from "node:fs/promises";
import { ConfigError, messageOf } from "../errors.ts";
import { homePaths } from "../home.ts";
import { atomicWrite } from "./atomic-write.ts";
import { findJsonError } from "./json-error.ts";
import { type Migration, migrate } from "./migrate.ts";
import { sentences } from "./problems.ts";
import { brokenReferences } from "./references.ts";
import { type Config, configSchema, configVersion } from "./schema.ts";

export type { Config } from "./schema.ts";

/**
 * Reads `data/config.json` of `home`. Secrets stay `$NAME`. An older version is brought up to date on disk, with the old
 * file kept beside it. Throws a ConfigError that names all that is wrong.
 */
export async function loadConfig(home: string, migrations?: Record<number, Migration>): Promise<Config> {
  const { config: path } = homePaths(home);
  const raw = parseJson(await readText(path), path);
  const version = versionOf(raw, path);
  if (version === configVersion) return checkConfig(raw, path);

  const migrated = migrate(raw, version, migrations);
  if (!migrated)
    throw new ConfigError(
      `${path}: version ${version} cannot be read by this program; move it away and make a new one with: memtrix onboard`,
    );
  const config = checkConfig(migrated, path);
  await copyFile(path, `${path}.before-v${configVersion}`);
  await saveConfig(home, config);
  return config;
}

/** Replaces `data/config.json` in one step, readable for its owner alone. */
export async function saveConfig(home: string, config: Config): Promise<void> {
  const { config: path } = homePaths(home);
  checkConfig(config, path);
  try {
    await atomicWrite(path, `${JSON.stringify(config, null, 2)}\n`);
  } catch (cause) {
    throw new ConfigError(
      `${path} cannot be written (${messageOf(cause)}); check the folder's owner and the free space.`,
      {
        cause,
      },
    );
  }
}

/** The config that `raw` is. Throws a ConfigError with one sentence for each problem. */
export function checkConfig(raw: unknown, path: string): Config {
  const result = configSchema.safeParse(raw);
  const problems = result.success ? brokenReferences(result.data) : sentences(result.error);
  if (result.success && problems.length === 0) return result.data;
  if (problems.length === 1) throw new ConfigError(`${path}: ${problems[0]}`);
  throw new ConfigError(`${path} has ${problems.length} problems:\n${problems.map((each) => `  ${each}`).join("\n")}`);
}

async function readText(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).replace(/^\uFEFF/, "");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT")
      throw new ConfigError(`There is no config at ${path}; make one with: memtrix onboard`, { cause });
    throw new ConfigError(`${path} cannot be read (${messageOf(cause)}); check its owner and mode.`, { cause });
  }
}

function parseJson(text: string, path: string): Record<string, unknown> {
  const wrong = findJsonError(text);
  if (wrong)
    throw new ConfigError(
      `${path} is not JSON at line ${wrong.line}, column ${wrong.column}; look there for a comma, quote or bracket too many or too few.`,
    );
  const value: unknown = JSON.parse(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ConfigError(
    `${path} must hold one object in braces; move it away and make a new one with: memtrix onboard`,
  );
}

function versionOf({ version }: Record<string, unknown>, path: string): number {
  if (typeof version !== "number" || !Number.isInteger(version) || version < 0)
    throw new ConfigError(`${path}: version must be ${configVersion}.`);
  if (version > configVersion)
    throw new ConfigError(
      `${path} is of version ${version}, this program knows ${configVersion}; it was left as it is. Update Memtrix, or go back to a copy of the config made before.`,
    );
  return version;
}
