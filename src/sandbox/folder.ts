import { existsSync } from "node:fs";
import { mkdir, realpath } from "node:fs/promises";
import { createConfinedFolder } from "./confined-folder.ts";
import { openByDescriptor } from "./descriptors.ts";
import { openByRealPath } from "./real-paths.ts";
import { removeAbandoned } from "./tree.ts";

/**
 * Files below one root, and nothing else: no path leaves it, no link is followed, only regular files with a single
 * name are opened. Paths are relative, parts joined by `/`. Every failure is one short sentence without host paths.
 */
export interface Folder {
  /** The bytes, or undefined when there is no such file. Throws on anything that is not a regular file within `maxBytes`. */
  read(path: string, options?: { maxBytes?: number }): Promise<Buffer | undefined>;
  /**
   * Writes the whole file or leaves the old one: temporary file, fsync, rename, fsync of the folder. Folders on the way
   * are made. `overwrite: false` throws when the file is there already.
   */
  write(path: string, data: string | Uint8Array, options?: { overwrite?: boolean; mode?: number }): Promise<void>;
  /** What stands at the path: a file, a folder, something else (a link, a FIFO …), or undefined for nothing. */
  stat(path: string): Promise<Entry | undefined>;
  /** Removes a file, or a link itself. Throws when there is none. */
  remove(path: string): Promise<void>;
  makeDirectory(path: string): Promise<void>;
  /** Removes a folder with all that is in it, never following a link. */
  removeDirectory(path: string): Promise<void>;
  /**
   * What is in a folder, down to `depth` levels (1: its own entries), each folder before its content, sorted by name;
   * links are not followed. What `except` is true for is left out with all that is in it.
   */
  list(path: string, options?: ListOptions): Promise<Entry[]>;
}

export interface ListOptions {
  depth?: number;
  limit?: number;
  except?: (path: string) => boolean;
}

export interface Entry {
  path: string;
  /** `other` is what cannot be read: a link, a FIFO, a socket, a device, a file with a second name. */
  kind: "file" | "directory" | "other";
  bytes: number;
  modifiedAt: Date;
}

/** Opens the folder at `root`, made if absent, and removes what a killed process left half written in it. */
export async function openFolder(root: string): Promise<Folder> {
  await mkdir(root, { recursive: true });
  const realRoot = await realpath(root);
  const open = existsSync("/proc/self/fd") ? openByDescriptor : openByRealPath;
  {
    using directory = open(realRoot);
    removeAbandoned(directory);
  }
  return createConfinedFolder(() => open(realRoot));
}
