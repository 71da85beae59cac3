import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { checkout } from "../../src/home.ts";

export interface SourceFile {
  /** From the checkout's root: `src/agent/loop.ts`. */
  path: string;
  text: string;
  imports: SourceImport[];
}

export interface SourceImport {
  /** From the checkout's root, or the name of a package. */
  path: string;
  /** It is gone when the program runs. */
  typeOnly: boolean;
}

/** The program's own modules below these folders. */
export function sourceFiles(...folders: string[]): SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(checkout, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(?:tsx?|js)$/.test(name))
      .sort()
      .map((name) => {
        const path = `${folder}/${name.replaceAll("\\", "/")}`;
        const text = readFileSync(join(checkout, path), "utf8");
        return { path, text, imports: importsOf(path, text) };
      }),
  );
}

const statement = /^(?:import|export)\s+(type\s)?(?:[\w\s{},*$]*?\sfrom\s+)?"([^"]+)"/gm;
const call = /(typeof\s+)?\bimport\("([^"]+)"\)/g;

function importsOf(path: string, text: string): SourceImport[] {
  return [statement, call].flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([, typeOnly, from = ""]) => ({
      path: from.startsWith(".") ? posix.join(posix.dirname(path), from) : from,
      typeOnly: typeOnly !== undefined,
    })),
  );
}
