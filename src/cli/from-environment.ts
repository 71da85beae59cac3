import { ConfigError } from "../errors.ts";

export function fromEnvironment(variable: string | undefined): string | undefined {
  if (variable === undefined) return undefined;
  const value = process.env[variable]?.trim();
  if (!value) throw new ConfigError(`The variable ${variable} is empty or not set.`);
  return value;
}
