import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ConfigError } from "../errors.ts";
import { logConfigFile, newSynapseSecrets, signingKeyFile, synapseConfig, synapseLogConfig } from "./synapse-config.ts";

/** What makes one private homeserver this one, in `directory`/private.json. */
const schema = z.strictObject({
  serverName: z.string(),
  port: z.int().min(1).max(65_535),
  secrets: z.strictObject({
    registrationSharedSecret: z.string().min(32),
    macaroonSecretKey: z.string().min(32),
    formSecret: z.string().min(32),
    signingKey: z.string().startsWith("ed25519 "),
  }),
});

export type SynapseHome = z.infer<typeof schema>;

const fileOf = (directory: string): string => join(directory, "private.json");

/** Undefined where there is none yet. @throws ConfigError when it cannot be read: the accounts hang on it. */
export async function readSynapseHome(directory: string): Promise<SynapseHome | undefined> {
  const path = fileOf(directory);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new ConfigError(
      `${path} is damaged, and the private homeserver's accounts hang on it: put it back from a backup.`,
      { cause },
    );
  }
}

/** A new one, with secrets that nobody knows. */
export async function createSynapseHome(directory: string, serverName: string, port: number): Promise<SynapseHome> {
  const home = { serverName, port, secrets: newSynapseSecrets() };
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await lay(fileOf(directory), JSON.stringify(home, null, 2));
  return home;
}

/** Writes what Synapse reads; gives its configuration's path. At each start, so that our settings are those of this version. */
export async function laySynapseFiles(directory: string, { serverName, port, secrets }: SynapseHome): Promise<string> {
  const configFile = join(directory, "homeserver.yaml");
  await lay(configFile, JSON.stringify(synapseConfig({ directory, serverName, port, secrets }), null, 2));
  await lay(logConfigFile(directory), JSON.stringify(synapseLogConfig(directory, "WARNING"), null, 2));
  await lay(signingKeyFile(directory), `${secrets.signingKey}\n`);
  return configFile;
}

/** Whole or not at all, and for its owner's eyes only. */
async function lay(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  await writeFile(temporary, text, { mode: 0o600, flush: true });
  await rename(temporary, path);
}
