import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { messageOf } from "../src/errors.ts";
import type { ProviderModule } from "../src/provider.ts";
import { type Field, fieldsOf } from "./fields.ts";

/** Answers by their flag's name without the dashes: texts, and true for switches. */
export type Flags = Record<string, string | true>;

/** Thrown for flags that cannot be understood; the message says which. */
export class FlagError extends Error {
  override name = "FlagError";
}

const switches = ["help", "pull", "no-check"];
const questions = [
  ...["name", "provider", "provider-name", "model", "context-tokens", "channel", "timezone"],
  ...["homeserver", "owner", "user-id"],
];
const ownSecrets = ["access-token", "password", "registration-token", "recovery-key"];

/**
 * The flags of `argv` and, below them, those of the `--answers` file, whose keys are the flags' names with underscores.
 * A file called `-` is the standard input. A provider's setting `base_url` is `--base-url`; of a secret `api_key` only `--api-key-env` and `--api-key-stdin` exist.
 */
export async function readFlags(
  argv: readonly string[],
  modules: ReadonlyMap<string, ProviderModule>,
  readStdin: () => Promise<string>,
): Promise<Flags> {
  const fields = [...modules.values()].flatMap(fieldsOf);
  const secrets = [...ownSecrets, ...fields.filter(({ secret }) => secret).map(({ name }) => flagOf(name))];
  refuseSecrets(argv, secrets);

  const texts = [...questions, ...fields.filter(({ secret }) => !secret).map(({ name }) => flagOf(name))];
  const names = {
    text: new Set([...texts, ...secrets.map((name) => `${name}-env`)]),
    switch: new Set([...switches, ...secrets.map((name) => `${name}-stdin`)]),
  };
  const given = parse(argv, names);
  const { answers, ...flags } = given;
  if (typeof answers !== "string") return flags;
  const text = answers === "-" ? readStdin() : readFile(answers, "utf8");
  return { ...(await readAnswers(answers === "-" ? "standard input" : answers, text, names)), ...flags };
}

/** How a provider's setting is called on the command line. */
export function flagOf(field: string): string {
  return field.replaceAll("_", "-");
}

/** The flags that answer a field, for people. */
export function flagWords({ name, secret }: Pick<Field, "name" | "secret">): string {
  return secret ? `--${flagOf(name)}-env` : `--${flagOf(name)}`;
}

interface Names {
  text: ReadonlySet<string>;
  switch: ReadonlySet<string>;
}

function parse(argv: readonly string[], names: Names): Flags {
  const options = {
    ...Object.fromEntries([...names.text, "answers"].map((name) => [name, { type: "string" as const }])),
    ...Object.fromEntries([...names.switch].map((name) => [name, { type: "boolean" as const }])),
  };
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: false }).values as Flags;
  } catch (cause) {
    throw new FlagError(`${messageOf(cause).split(". ")[0]}; see: memtrix onboard --help`, { cause });
  }
}

async function readAnswers(file: string, text: Promise<string>, names: Names): Promise<Flags> {
  const answers = await text
    .then((text): unknown => JSON.parse(text))
    .catch((cause) => {
      throw new FlagError(`The answers in ${file} cannot be read: ${messageOf(cause).split(",")[0]}.`, { cause });
    });
  if (typeof answers !== "object" || answers === null || Array.isArray(answers))
    throw new FlagError(`${file} must hold one object in braces, such as {"name": "Memtrix"}.`);

  const flags: Flags = {};
  for (const [key, value] of Object.entries(answers)) {
    const flag = flagOf(key);
    if (names.switch.has(flag) && typeof value === "boolean") {
      if (value) flags[flag] = true;
    } else if (names.text.has(flag) && (typeof value === "string" || typeof value === "number"))
      flags[flag] = String(value);
    else throw new FlagError(`${file}: "${key}" is not an answer that is known, or has a value of the wrong kind.`);
  }
  return flags;
}

/** Whoever is on the machine can read a command line. */
function refuseSecrets(argv: readonly string[], secrets: readonly string[]): void {
  const found = secrets.find((name) => argv.some((word) => word === `--${name}` || word.startsWith(`--${name}=`)));
  if (!found) return;
  throw new FlagError(
    `A command line can be read by others, so --${found} is not taken. Name a variable that holds it (--${found}-env NAME), or hand it in on standard input (--${found}-stdin).`,
  );
}

/** The text that a flag was given. */
export function textOfFlag(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === "string" ? value : undefined;
}

/** Throws where a check has found something wrong. */
export function refuse(flag: string, problem: string | undefined): void {
  if (problem) throw new FlagError(`--${flag}: ${problem}`);
}
