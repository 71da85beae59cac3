import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DiskStep } from "./disk-steps.ts";

interface Node {
  /** Undefined for a folder. */
  bytes: Buffer | undefined;
  flushed: Buffer | undefined;
}

/** The files of a folder; undefined for a folder in it. Paths are absolute. */
export type Files = Map<string, Buffer | undefined>;

/**
 * What a disk may hold when the power goes:
 * - `flushed`: only what it was told to flush, names as well as content,
 * - `names`: all names, and content only where it was flushed,
 * - `content`: all content, and names only where they were flushed,
 * - `all`: everything, as after a kill.
 */
export const losses = ["flushed", "names", "content", "all"] as const;
export type Loss = (typeof losses)[number];

export interface LossyDisk {
  apply(step: DiskStep): void;
  after(loss: Loss): Files;
}

/** A disk that holds `files`, all of them flushed. */
export function createLossyDisk(files: Files): LossyDisk {
  const names = new Map<string, Node>();
  for (const [path, bytes] of files) names.set(path, { bytes, flushed: bytes });
  const flushedNames = new Map(names);

  function fileAt(path: string): Node {
    const node = names.get(path);
    if (node?.bytes === undefined) throw new Error(`There is no file ${path}.`);
    return node;
  }

  function flush(path: string): void {
    const node = names.get(path);
    if (node?.bytes !== undefined) {
      node.flushed = Buffer.from(node.bytes);
      return;
    }
    for (const known of flushedNames.keys())
      if (dirname(known) === path && !names.has(known)) flushedNames.delete(known);
    for (const [known, node] of names) if (dirname(known) === path) flushedNames.set(known, node);
  }

  return {
    apply(step) {
      // What has no name any more is on no disk.
      if (step.kind !== "said" && "path" in step && step.path.endsWith(" (deleted)")) return;
      switch (step.kind) {
        case "open":
          if (step.creates && !names.has(step.path))
            names.set(step.path, { bytes: Buffer.alloc(0), flushed: Buffer.alloc(0) });
          else if (step.empties) fileAt(step.path).bytes = Buffer.alloc(0);
          return;
        case "write": {
          const node = fileAt(step.path);
          const before = node.bytes as Buffer;
          const at = step.at === "end" ? before.length : step.at;
          const bytes = Buffer.alloc(Math.max(before.length, at + step.bytes.length));
          before.copy(bytes);
          step.bytes.copy(bytes, at);
          node.bytes = bytes;
          return;
        }
        case "cut": {
          const bytes = Buffer.alloc(step.size);
          const node = fileAt(step.path);
          node.bytes?.copy(bytes);
          node.bytes = bytes;
          return;
        }
        case "flush":
          return flush(step.path);
        case "rename":
          names.set(step.to, fileAt(step.from));
          names.delete(step.from);
          return;
        case "remove":
          names.delete(step.path);
          return;
        case "folder":
          names.set(step.path, { bytes: undefined, flushed: undefined });
      }
    },
    after(loss) {
      const kept = loss === "names" || loss === "all" ? names : flushedNames;
      const seen = ({ bytes, flushed }: Node) => (loss === "content" || loss === "all" ? bytes : flushed);
      const roots = new Set([...files.keys()].map((path) => dirname(path)));
      // A name is of no use in a folder that has none.
      const isReached = (path: string): boolean =>
        kept.has(path) && (kept.has(dirname(path)) ? isReached(dirname(path)) : roots.has(dirname(path)));
      return new Map([...kept].filter(([path]) => isReached(path)).map(([path, node]) => [path, seen(node)]));
    },
  };
}

export function readFiles(folder: string): Files {
  return new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() || entry.isDirectory())
      .map((entry): [string, Buffer | undefined] => {
        const path = join(entry.parentPath, entry.name);
        return [path, entry.isFile() ? readFileSync(path) : undefined];
      }),
  );
}

/** Lays `files`, which lie in `from`, down in the folder `to`. */
export function layFiles(files: Files, from: string, to: string): void {
  for (const [path, bytes] of files) {
    const target = join(to, path.slice(from.length));
    mkdirSync(bytes === undefined ? target : dirname(target), { recursive: true });
    if (bytes !== undefined) writeFileSync(target, bytes, { mode: 0o600 });
  }
}
