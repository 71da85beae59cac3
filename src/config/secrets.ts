import { readFileSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ConfigError, messageOf } from "../errors.ts";
import { oneAtATime } from "../one-at-a-time.ts";
import { atomicWrite } from "./atomic-write.ts";
import { createMasking, type Masking, maskedForms } from "./masking.ts";
import { overwrite } from "./overwrite.ts";
import { placeholder } from "./schema.ts";
import { mergeSecrets, parseSecrets, secretPrefix, withoutSecrets } from "./secrets-file.ts";

/** What `$NAME` in the config stands for. Values never leave but through `resolve`. */
export interface Secrets extends Masking {
  /** A copy of `value` with each string `$NAME` replaced. Throws a ConfigError that names what is missing. */
  resolve<T>(value: T): T;
  /** True when there is a value, and it is not empty. */
  has(name: string): boolean;
  /** Adds these to the file, or replaces those of the same name, and knows them from then on. */
  save(secrets: Readonly<Record<string, string>>): Promise<void>;
  /** Takes these out of the file. What was masked stays masked. */
  remove(names: readonly string[]): Promise<void>;
  /** A sentence for each thing about the file that should not be so. */
  readonly warnings: readonly string[];
}

/**
 * Reads the secrets once, from the file that MEMTRIX_SECRETS_FILE names or from `.env` in `home`, which may be absent.
 * Secrets in the environment are not used, since every child process could read them; they are taken out of `env`.
 */
export function loadSecrets(home: string, env: NodeJS.ProcessEnv = process.env): Secrets {
  const path = secretsPath(home, env);
  const warnings = [...clearEnvironment(env, path)];
  const text = readSecrets(path, env.MEMTRIX_SECRETS_FILE !== undefined);
  if (text !== undefined && process.platform !== "win32" && statSync(path).mode & 0o077)
    warnings.push(`Other users of this machine can read ${path}; close it with: chmod 600 ${path}`);

  const values = parse(text ?? "", path);
  let forms = maskedForms(values);
  /** They change the same file. */
  const turns = oneAtATime();
  return {
    resolve: (value) => resolveDeep(value, values, path),
    ...createMasking(() => forms),
    has: (name) => Boolean(values.get(name)),
    async save(secrets) {
      await turns.do(() => saveSecrets(home, secrets, env));
      for (const [name, value] of Object.entries(secrets)) values.set(name, value);
      forms = [...maskedForms(new Map(Object.entries(secrets))), ...forms];
    },
    async remove(names) {
      await turns.do(() => changeFile(path, (before) => withoutSecrets(before, names)));
      for (const name of names) values.delete(name);
    },
    warnings,
  };
}

/** Adds secrets to the file in one step, or replaces those of the same name; its other lines stay. */
export async function saveSecrets(
  home: string,
  secrets: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  if (Object.keys(secrets).length === 0) return;
  await changeFile(secretsPath(home, env), (before) => mergeSecrets(before, secrets));
}

async function changeFile(path: string, change: (text: string) => string): Promise<void> {
  try {
    const before = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw error;
    });
    const after = change(before);
    if (after !== before) await write(path, after);
  } catch (cause) {
    throw new ConfigError(`${path} cannot be written (${messageOf(cause)}); check its owner and the free space.`, {
      cause,
    });
  }
}

/** In a container the file alone is mounted: the folder around it cannot be written, or it cannot be replaced in it. */
async function write(path: string, text: string): Promise<void> {
  try {
    await atomicWrite(path, text);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!["EROFS", "EBUSY", "EACCES"].includes(code)) throw error;
    await overwrite(path, text);
  }
}

/** Where the secrets of `home` stand. */
export function secretsPath(home: string, env: NodeJS.ProcessEnv = process.env): string {
  const file = env.MEMTRIX_SECRETS_FILE?.trim();
  return file ? resolve(file) : join(home, ".env");
}

function clearEnvironment(env: NodeJS.ProcessEnv, path: string): string[] {
  const found = Object.keys(env).filter((name) => name.startsWith(secretPrefix));
  for (const name of found) delete env[name];
  if (found.length === 0) return [];
  return [
    `${found.join(", ")}: secrets are not taken from the environment, where other programs can read them; put them into ${path}`,
  ];
}

function readSecrets(path: string, required: boolean): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" && !required) return undefined;
    if (code === "ENOENT")
      throw new ConfigError(`MEMTRIX_SECRETS_FILE names ${path}, which is not there; make it, or unset the variable.`, {
        cause,
      });
    if (code === "EACCES")
      throw new ConfigError(`${path} may not be read by this user; make it yours with: sudo chown $(id -u) ${path}`, {
        cause,
      });
    throw new ConfigError(`${path} cannot be read (${messageOf(cause)}).`, { cause });
  }
}

function parse(text: string, path: string): Map<string, string> {
  try {
    return parseSecrets(text);
  } catch (cause) {
    throw new ConfigError(`${path}, ${messageOf(cause)}; close it.`, { cause });
  }
}

function resolveDeep<T>(value: T, secrets: ReadonlyMap<string, string>, path: string): T {
  const missing = new Set<string>();
  const walk = (part: unknown): unknown => {
    if (typeof part === "string") return text(part);
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, walk(inner)]));
  };
  const text = (part: string): string => {
    if (part.startsWith("$$")) return part.slice(1);
    const name = placeholder.exec(part)?.[1];
    if (name === undefined) return part;
    const secret = secrets.get(name);
    if (!secret) missing.add(name);
    return secret ?? "";
  };

  const resolved = walk(value) as T;
  if (missing.size === 0) return resolved;
  const lines = [...missing].map((name) => `${secretPrefix}${name}=…`).join(" and ");
  throw new ConfigError(`A secret is missing or empty: put ${lines} into ${path}, or run: memtrix onboard`);
}
