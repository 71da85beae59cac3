import { closeSync, constants, fstatSync, openSync, read } from "node:fs";
import { promisify } from "node:util";
import type { Directory } from "./directory.ts";
import { codeOf } from "./refusal.ts";
import { quoted } from "./visible.ts";

// O_NONBLOCK: opening a FIFO that nobody writes to would wait for ever, and four of them hold up all of Node's file access.
const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
const readDescriptor = promisify(read);

/**
 * The bytes of the regular file `name`, or undefined when there is none. `path` is what messages call it. Throws the
 * system's errors too.
 */
export async function readRegular(
  directory: Directory,
  name: string,
  path: string,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const descriptor = openOrUndefined(directory, name);
  if (descriptor === undefined) return undefined;
  try {
    directory.verify();
    const stats = fstatSync(descriptor);
    if (stats.isDirectory()) throw new Error(`${quoted(path)} is a folder, not a file.`);
    if (!stats.isFile()) throw new Error(`${quoted(path)} is not a regular file.`);
    // None is a file that was replaced since it was opened: its old content is whole.
    if (stats.nlink > 1) throw new Error(`${quoted(path)} has a second name elsewhere (a hard link).`);
    if (stats.size > maxBytes) {
      throw new Error(`${quoted(path)} has ${stats.size} bytes; more than ${maxBytes} are not read.`);
    }
    return await readBytes(descriptor, stats.size);
  } finally {
    closeSync(descriptor);
  }
}

function openOrUndefined(directory: Directory, name: string): number | undefined {
  try {
    return openSync(directory.at(name), readFlags);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function readBytes(descriptor: number, size: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(size);
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await readDescriptor(descriptor, buffer, filled, size - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
