import { lstatSync, unlinkSync } from "node:fs";
import { descend } from "./descend.ts";
import type { Directory } from "./directory.ts";
import type { Folder } from "./folder.ts";
import { pathParts } from "./names.ts";
import { readRegular } from "./read-regular.ts";
import { refusal } from "./refusal.ts";
import { replaceFile } from "./replace-file.ts";
import { isTemporary } from "./temporary.ts";
import { entriesOf, entryOf, removeTree } from "./tree.ts";
import { quoted } from "./visible.ts";

const defaultMaxBytes = 50 * 1024 * 1024;

/**
 * The folder whose root `openRoot` opens, anew for each call: no descriptor outlives a call. Finding is done at once,
 * by synchronous calls on the names; moving bytes is not.
 */
export function createConfinedFolder(openRoot: () => Directory): Folder {
  return {
    read: (path, { maxBytes = defaultMaxBytes } = {}) =>
      withName(path, async ({ above, name, shown }) => {
        using parent = await descend(openRoot, above);
        return parent && (await readRegular(parent, name, shown, maxBytes));
      }),

    write: (path, data, { overwrite = true, mode } = {}) =>
      withName(path, async ({ above, name, shown }) => {
        using directory = await descend(openRoot, above, "make folders");
        if (!directory) throw missing(above.join("/"));
        await replaceFile({ directory, name, path: shown, data, overwrite, mode });
      }),

    stat: (path) =>
      withParts(path, async ({ parts, shown }) => {
        using parent = await descend(openRoot, parts.slice(0, -1));
        const stats = parent && lstatSync(parent.at(parts.at(-1) ?? "."), { throwIfNoEntry: false });
        return stats && entryOf(shown, stats);
      }),

    remove: (path) =>
      withName(path, async ({ above, name, shown }) => {
        using parent = await descend(openRoot, above);
        const stats = parent && lstatSync(parent.at(name), { throwIfNoEntry: false });
        if (!stats) throw missing(shown);
        if (stats.isDirectory()) throw new Error(`${quoted(shown)} is a folder, not a file.`);
        parent.verify();
        unlinkSync(parent.at(name));
        await parent.flush();
      }),

    makeDirectory: (path) =>
      withParts(path, async ({ parts, shown }) => {
        using made = await descend(openRoot, parts, "make folders");
        // It was taken away in the same moment.
        if (!made) throw missing(shown);
      }),

    removeDirectory: (path) =>
      withName(path, async ({ above, name, shown }) => {
        using parent = await descend(openRoot, above);
        const stats = parent && lstatSync(parent.at(name), { throwIfNoEntry: false });
        if (!stats) throw missing(shown);
        if (stats.isFile()) throw new Error(`${quoted(shown)} is a file, not a folder.`);
        await removeTree(parent, name);
        await parent.flush();
      }),

    list: (path, { depth = 1, limit = Number.POSITIVE_INFINITY, except } = {}) =>
      withParts(path, async ({ parts, shown }) => {
        using directory = await descend(openRoot, parts);
        if (!directory) throw missing(shown);
        return await entriesOf(directory, { path: shown, depth, except }, limit);
      }),
  };
}

interface Parts {
  parts: string[];
  /** The path without what does not count in it. */
  shown: string;
}

/** Does the work for a path that may be the folder itself; what the system says against it becomes a sentence. */
async function withParts<T>(path: string, work: (path: Parts) => Promise<T>): Promise<T> {
  const parts = pathParts(path);
  if (parts.some(isTemporary)) throw new Error(`${quoted(path)} is a name for files that are being written.`);
  try {
    return await work({ parts, shown: parts.join("/") });
  } catch (error) {
    throw refusal(path, error);
  }
}

/** Does the work for a path to something in the folder. */
function withName<T>(path: string, work: (path: { above: string[]; name: string; shown: string }) => Promise<T>) {
  return withParts(path, async ({ parts, shown }) => {
    const name = parts.at(-1);
    if (name === undefined) throw new Error("This is the workspace itself: name something in it.");
    return work({ above: parts.slice(0, -1), name, shown });
  });
}

function missing(path: string): Error {
  return new Error(`There is no ${quoted(path)}.`);
}
