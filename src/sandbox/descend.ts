import { lstatSync, mkdirSync } from "node:fs";
import type { Directory } from "./directory.ts";
import { codeOf, refusal } from "./refusal.ts";

/**
 * Goes down from the root, name by name, never over a link, and gives the last directory, which the caller disposes
 * of; undefined when one is not there. Throws one sentence about the part of the way that is not a directory.
 */
export async function descend(
  openRoot: () => Directory,
  names: string[],
  absent: "is not there" | "make folders" = "is not there",
): Promise<Directory | undefined> {
  let here = opened(openRoot);
  for (const [index, name] of names.entries()) {
    using left = here;
    try {
      here = absent === "make folders" ? await enterOrMake(left, name) : left.enter(name);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      throw refusal(names.slice(0, index + 1).join("/"), isLink(left, name) ? linkError(error) : error);
    }
  }
  return here;
}

function opened(openRoot: () => Directory): Directory {
  try {
    return openRoot();
  } catch (error) {
    throw new Error("The workspace's own folder is not there or cannot be opened.", { cause: error });
  }
}

async function enterOrMake(directory: Directory, name: string): Promise<Directory> {
  directory.verify();
  if (madeNow(directory, name)) await directory.flush();
  return directory.enter(name);
}

/** Makes the directory; false when something of that name is there already. */
function madeNow(directory: Directory, name: string): boolean {
  try {
    mkdirSync(directory.at(name));
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** The system says "not a directory" of a link to one as well; the reader should learn which it is. */
function isLink(directory: Directory, name: string): boolean {
  try {
    return lstatSync(directory.at(name)).isSymbolicLink();
  } catch {
    return false;
  }
}

function linkError(cause: unknown): Error {
  return Object.assign(new Error("a link on the way", { cause }), { code: "ELOOP" });
}
