import { configVersion } from "./schema.ts";

/** Makes the next version of a config; may change what it is given. */
export type Migration = (config: Record<string, unknown>) => Record<string, unknown>;

/** By the version that each starts from. */
const migrations: Record<number, Migration> = {};

/** The config in the newest version; undefined when there is no way from `version` to it. */
export function migrate(
  config: Record<string, unknown>,
  version: number,
  steps: Record<number, Migration> = migrations,
  target: number = configVersion,
): Record<string, unknown> | undefined {
  let current = config;
  for (let from = version; from < target; from++) {
    const step = steps[from];
    if (!step) return undefined;
    current = { ...step(structuredClone(current)), version: from + 1 };
  }
  return current;
}
