import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { messageOf } from "./errors.ts";

export interface Discovery<T> {
  /** By name, in the order of the names. */
  found: Map<string, T>;
  /** One line for each file that could not be used. */
  problems: string[];
}

/**
 * Imports every module of `directory` and keeps the default exports that `problemOf` finds nothing wrong with. A file
 * whose name begins with `_` is a helper. A broken file is reported and stops nothing.
 */
export async function discover<T extends { name: string }>(
  directory: string,
  problemOf: (value: unknown) => string | undefined,
): Promise<Discovery<T>> {
  const found: T[] = [];
  const problems: string[] = [];
  const files = (await readdir(directory).catch(() => [])).filter(isModule).sort();
  const modules = await Promise.allSettled(files.map((file) => import(pathToFileURL(join(directory, file)).href)));

  for (const [index, module] of modules.entries()) {
    const file = files[index];
    if (module.status === "rejected") {
      problems.push(`${file}: ${messageOf(module.reason).split("\n")[0]}`);
      continue;
    }
    const value = module.value.default;
    const problem = problemOf(value);
    if (problem) problems.push(`${file}: ${problem}`);
    else if (found.some(({ name }) => name === value.name)) problems.push(`${file}: the name ${value.name} is taken`);
    else found.push(value);
  }
  return { found: new Map(found.sort(byName).map((value) => [value.name, value])), problems };
}

function isModule(file: string): boolean {
  return /^[^_.].*\.[jt]s$/.test(file) && !file.endsWith(".d.ts");
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}
