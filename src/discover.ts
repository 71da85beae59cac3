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
 * whose name begins with `_` is a helper. A broken file is reported and stops nothing; so is one that is
 * still not there when nothing more has come for `patienceMs`.
 */
export async function discover<T extends { name: string }>(
  directory: string,
  problemOf: (value: unknown) => string | undefined,
  { patienceMs = 10_000 }: { patienceMs?: number } = {},
): Promise<Discovery<T>> {
  const found: T[] = [];
  const problems: string[] = [];
  const files = (await readdir(directory).catch(() => [])).filter(isModule).sort();
  const modules = await importAll(
    files.map((file) => join(directory, file)),
    patienceMs,
  );

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

/** Each module of `paths`, or why there is none. */
async function importAll(paths: readonly string[], patienceMs: number) {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`its top level does not come to an end (waited ${patienceMs / 1000} s)`)),
    patienceMs,
  );
  const modules = await Promise.allSettled(
    paths.map(async (path) => {
      try {
        return await Promise.race([import(pathToFileURL(path).href), late.promise]);
      } finally {
        // A slow machine may take its time, as long as it gets on.
        timer.refresh();
      }
    }),
  );
  clearTimeout(timer);
  return modules;
}

function isModule(file: string): boolean {
  return /^[^_.].*\.[jt]s$/.test(file) && !file.endsWith(".d.ts");
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}
