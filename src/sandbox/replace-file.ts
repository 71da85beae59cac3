import {
  closeSync,
  constants,
  fchmodSync,
  fsync,
  lstatSync,
  openSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeFile,
} from "node:fs";
import { promisify } from "node:util";
import type { Directory } from "./directory.ts";
import { temporaryName } from "./temporary.ts";
import { quoted } from "./visible.ts";

const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const writeDescriptor = promisify(writeFile);
const fsyncDescriptor = promisify(fsync);

export interface Replacement {
  directory: Directory;
  name: string;
  /** What messages call the file. */
  path: string;
  data: string | Uint8Array;
  overwrite: boolean;
  /** Permissions; those of the file before when not given. */
  mode?: number | undefined;
}

/** Writes a whole file or leaves the old one, whenever the process or the machine stops. Throws the system's errors too. */
export async function replaceFile({ directory, name, path, data, overwrite, mode }: Replacement): Promise<void> {
  const before = replaceable(directory, name, path, overwrite);
  const temporary = temporaryName();
  try {
    await writeNew(directory, temporary, data, mode ?? (before && before.mode & 0o777));
    // Looked at again in the breath of the rename: while the data went to disk, somebody may have put something there.
    replaceable(directory, name, path, overwrite);
    directory.verify();
    renameSync(directory.at(temporary), directory.at(name));
  } catch (error) {
    removeIfThere(directory, temporary);
    throw error;
  }
  await directory.flush();
}

function replaceable(directory: Directory, name: string, path: string, overwrite: boolean): Stats | undefined {
  const stats = lstatSync(directory.at(name), { throwIfNoEntry: false });
  if (!stats) return undefined;
  if (stats.isDirectory()) throw new Error(`${quoted(path)} is a folder, not a file.`);
  if (stats.isSymbolicLink()) throw new Error(`${quoted(path)} is a link, and links are not written through.`);
  if (!stats.isFile()) throw new Error(`${quoted(path)} is not a regular file.`);
  if (stats.nlink > 1) throw new Error(`${quoted(path)} has a second name elsewhere (a hard link).`);
  if (!overwrite) throw new Error(`${quoted(path)} is there already.`);
  return stats;
}

async function writeNew(
  directory: Directory,
  name: string,
  data: string | Uint8Array,
  mode: number | undefined,
): Promise<void> {
  const descriptor = openSync(directory.at(name), createFlags, mode ?? 0o666);
  try {
    directory.verify();
    // The mode that a file is opened with loses the bits of the umask.
    if (mode !== undefined) fchmodSync(descriptor, mode);
    await writeDescriptor(descriptor, data);
    await fsyncDescriptor(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function removeIfThere(directory: Directory, name: string): void {
  try {
    unlinkSync(directory.at(name));
  } catch {
    // It was never made, or is renamed already; what matters is the error that brought us here.
  }
}
