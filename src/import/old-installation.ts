import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { parseSecrets } from "../config/secrets-file.ts";
import { ConfigError, messageOf } from "../errors.ts";
import { type OldConfig, oldConfigSchema } from "./old-config.ts";

/** What is read of an installation of Memtrix in Python. */
export interface OldInstallation {
  config: OldConfig;
  /** Of `.env` and of `data/secrets.env`; the first wins, as it did there. */
  secrets: Map<string, string>;
  hasSessions: boolean;
}

/** @throws ConfigError when there is none in this folder. */
export async function readOldInstallation(folder: string): Promise<OldInstallation> {
  const path = join(folder, "data", "config.json");
  let config: OldConfig;
  try {
    config = oldConfigSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause);
    throw new ConfigError(
      `There is no Memtrix in Python in ${folder}: name the folder in which its data, workspace and .env are (${path}: ${why}).`,
      { cause },
    );
  }
  const secrets = new Map<string, string>();
  for (const name of ["data/secrets.env", ".env"])
    for (const [key, value] of parseSecrets(await readFile(join(folder, name), "utf8").catch(() => "")))
      secrets.set(key, value);
  const hasSessions = (await stat(join(folder, "data", "sessions")).catch(() => undefined)) !== undefined;
  return { config, secrets, hasSessions };
}
