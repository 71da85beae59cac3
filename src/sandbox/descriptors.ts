import { closeSync, constants, fsync, openSync, readdirSync } from "node:fs";
import { promisify } from "node:util";
import { type Directory, type Name, nameFromBytes } from "./directory.ts";

const directoryFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const fsyncDescriptor = promisify(fsync);

/**
 * Directories as Linux descriptors: `/proc/self/fd/N/name` is Node's openat. The kernel goes on from the descriptor, so
 * that nobody can put a link in between.
 */
export function openByDescriptor(root: string): Directory {
  return directoryOf(openSync(root, directoryFlags));
}

function directoryOf(descriptor: number): Directory {
  const here = `/proc/self/fd/${descriptor}`;
  const at = (name: Name): Name =>
    typeof name === "string" ? `${here}/${name}` : Buffer.concat([Buffer.from(`${here}/`), name]);
  return {
    at,
    enter: (name) => directoryOf(openSync(at(name), directoryFlags)),
    names: () => readdirSync(here, { encoding: "buffer" }).map(nameFromBytes),
    verify() {},
    flush: () => fsyncDescriptor(descriptor),
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}
