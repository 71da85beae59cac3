import { FlagError, type Flags, textOfFlag } from "./flags.ts";

export interface SecretSources {
  env: NodeJS.ProcessEnv;
  /** Read only where a flag says that a secret comes this way. */
  readStdin(): Promise<string>;
}

/** The secret that `--NAME-env` or `--NAME-stdin` hands in; undefined when there is neither flag. */
export async function secretFromFlags(
  flags: Flags,
  name: string,
  { env, readStdin }: SecretSources,
): Promise<string | undefined> {
  const variable = textOfFlag(flags, `${name}-env`);
  if (variable === undefined && !flags[`${name}-stdin`]) return undefined;
  const value = (variable === undefined ? await readStdin() : (env[variable] ?? "")).trim();
  if (value === "" && variable) throw new FlagError(`--${name}-env: the variable ${variable} is empty or not set.`);
  if (value === "") throw new FlagError(`--${name}-stdin: nothing came on standard input.`);
  return value;
}
