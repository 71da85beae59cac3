import { existsSync } from "node:fs";
import { join } from "node:path";

const directory = join(import.meta.dirname, "../../../shared");

/** The path of a file that only the developers' machines have, or undefined: then say so and skip the test. */
export function sharedFile(path: string): string | undefined {
  const full = join(directory, path);
  if (existsSync(full)) return full;
  console.warn(`skipped: ${path} is not on this machine`);
  return undefined;
}

/** The rows of a tab-separated file by column name. */
export function tableRows(text: string): Record<string, string>[] {
  const [header = "", ...lines] = text.split("\n").filter((line) => line !== "");
  const names = header.split("\t");
  return lines.map((line) => {
    const cells = line.split("\t");
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ""]));
  });
}
