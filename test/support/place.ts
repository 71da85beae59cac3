import { execFileSync } from "node:child_process";
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

export const canary = "canary-5f1c: nobody may read or change this";

/** A workspace folder on the disk, and a folder beside it that nothing in the workspace may lead to. */
export interface Place extends Disposable {
  root: string;
  outside: string;
  /** Lays out what a setup cell of path-cases.tsv says: `file:a;ln:$OUT>b`. */
  lay(setup: string): void;
  /** True as long as the folder outside holds its canary, as it was, and nothing else. */
  outsideIsUntouched(): boolean;
}

export function createPlace(): Place {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "memtrix-place-")));
  const root = join(base, "workspace");
  const outside = join(base, "outside");
  mkdirSync(root);
  mkdirSync(outside);
  writeFileSync(join(outside, "secret"), canary);

  const make: Record<string, (what: string) => void> = {
    file: (path) => writeFileSync(inRoot(path), `content of ${path}`),
    dir: (path) => mkdirSync(join(root, path), { recursive: true }),
    ln: (what) =>
      pair(what, (target, link) => symlinkSync(resolve(root, target.replace("$OUT", outside)), inRoot(link))),
    hard: (what) =>
      pair(what, (target, link) => linkSync(resolve(root, target.replace("$OUT", outside)), inRoot(link))),
    fifo: (path) => execFileSync("mkfifo", [inRoot(path)]),
    sparse: (what) => pair(what, (path, bytes) => sparseFile(inRoot(path), Number(bytes)), "="),
    race: () => make.file?.("race/inside"),
  };

  function inRoot(path: string): string {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    return join(root, path);
  }

  return {
    root,
    outside,
    lay(setup) {
      for (const step of setup.split(";").filter((each) => each !== "")) {
        const [word = "", what = ""] = split(step, ":");
        const maker = make[word];
        if (!maker) throw new Error(`unknown setup: ${step}`);
        maker(what);
      }
    },
    outsideIsUntouched: () =>
      readdirSync(outside).join() === "secret" && readFileSync(join(outside, "secret"), "utf8") === canary,
    [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }),
  };
}

function sparseFile(path: string, bytes: number): void {
  writeFileSync(path, "");
  truncateSync(path, bytes);
}

function pair(what: string, work: (first: string, second: string) => void, separator = ">"): void {
  const [first = "", second = ""] = split(what, separator);
  work(first, second);
}

function split(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator);
  return [text.slice(0, index), text.slice(index + separator.length)];
}
