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
  /** What is in a folder, down to `depth` levels (1: its own entries), sorted by path; links are not followed. */
  list(path: string, options?: { depth?: number; limit?: number }): Promise<Entry[]>;
}

export interface Entry {
  path: string;
  kind: "file" | "directory" | "other";
  bytes: number;
  modifiedAt: Date;
}
