import { lstatSync, readdirSync, realpathSync } from "node:fs";
import { open } from "node:fs/promises";
import { join, sep } from "node:path";
import { type Directory, type Name, nameFromBytes } from "./directory.ts";

/**
 * Directories as real paths, for systems without Linux's descriptors. `verify` compares path and identity again after
 * each opening, so that a link put in between is noticed before anything is read or renamed.
 */
export function openByRealPath(root: string): Directory {
  return directoryOf(root);
}

function directoryOf(path: string): Directory {
  const identity = identityOf(path);
  const at = (name: Name): Name =>
    typeof name === "string" ? join(path, name) : Buffer.concat([Buffer.from(path + sep), name]);
  return {
    at,
    enter: (name) => directoryOf(String(at(name))),
    names: () => readdirSync(path, { encoding: "buffer" }).map(nameFromBytes),
    verify() {
      if (identityOf(path) !== identity) throw systemError("ESTALE", path);
    },
    async flush() {
      // Some systems open no directory, others flush none: then the rename has to do.
      const handle = await open(path, "r").catch(() => undefined);
      await handle?.sync().catch(() => {});
      await handle?.close();
    },
    [Symbol.dispose]() {},
  };
}

function identityOf(path: string): string {
  const stats = lstatSync(path, { bigint: true });
  if (!stats.isDirectory() || realpathSync(path) !== path) throw systemError("ENOTDIR", path);
  return `${stats.dev}:${stats.ino}`;
}

function systemError(code: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
