import { lstatSync, rmdirSync, type Stats, unlinkSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import type { Directory, Name } from "./directory.ts";
import type { Entry } from "./folder.ts";
import { codeOf } from "./refusal.ts";
import { isAbandoned, isTemporary } from "./temporary.ts";
import { visible } from "./visible.ts";

/** An open descriptor for each level: a tree made to be deep must not use them all up. */
const maxDepth = 200;
/** Other work gets its turn after so many entries. */
const entriesPerTurn = 500;

/** What was found at a place in a tree: its parent is open as long as the walk stands there. */
export interface Found {
  parent: Directory;
  name: Name;
  path: string;
  stats: Stats;
}

/**
 * All that lies in a directory, down to `depth` levels, each folder before what is in it, sorted by name. Links are
 * not followed; what vanishes meanwhile or cannot be entered is passed over.
 */
export function* walk(
  directory: Directory,
  { path = "", depth = 1, except = () => false }: WalkOptions = {},
): Generator<Found> {
  for (const { name, text } of sortedNames(directory)) {
    const foundPath = joined(path, text);
    if (except(foundPath)) continue;
    const stats = lstatSync(directory.at(name), { throwIfNoEntry: false });
    if (!stats) continue;
    yield { parent: directory, name, path: foundPath, stats };
    if (!stats.isDirectory() || depth <= 1) continue;
    using inner = enterIfOpen(directory, name);
    if (inner) yield* walk(inner, { path: foundPath, depth: Math.min(depth, maxDepth) - 1, except });
  }
}

export interface WalkOptions {
  /** What the directory itself is called, as the beginning of all paths. */
  path?: string;
  depth?: number;
  /** True for a path that is left out with all that is in it. */
  except?: ((path: string) => boolean) | undefined;
}

/** Removes the unfinished writes of processes that are no more. */
export function removeAbandoned(directory: Directory): void {
  for (const { parent, name } of walk(directory, { depth: maxDepth })) {
    if (typeof name === "string" && isAbandoned(name)) unlinkSync(parent.at(name));
  }
}

/** The entries of a walk, without unfinished writes. */
export async function entriesOf(directory: Directory, options: WalkOptions, limit: number): Promise<Entry[]> {
  const entries: Entry[] = [];
  let seen = 0;
  for (const { name, path, stats } of walk(directory, options)) {
    if (entries.length >= limit) break;
    if (typeof name !== "string" || !isTemporary(name)) entries.push(entryOf(path, stats));
    seen += 1;
    if (seen % entriesPerTurn === 0) await setImmediate();
  }
  return entries;
}

/** Removes a file, a link itself, or a folder with all that is in it, never following a link. Throws the system's errors. */
export async function removeTree(parent: Directory, name: Name, level = 1): Promise<void> {
  const stats = lstatSync(parent.at(name), { throwIfNoEntry: false });
  if (!stats) return;
  parent.verify();
  if (!stats.isDirectory()) return unlinkSync(parent.at(name));
  if (level > maxDepth) throw new Error(`The folder has more than ${maxDepth} levels: remove it by hand.`);

  using directory = parent.enter(name);
  for (const [index, inner] of directory.names().entries()) {
    if (index % entriesPerTurn === entriesPerTurn - 1) await setImmediate();
    await removeTree(directory, inner, level + 1);
  }
  rmdirSync(parent.at(name));
}

/** A file is one that can be read: with a second name it is something else. */
export function entryOf(path: string, stats: Stats): Entry {
  const kind = stats.isDirectory() ? "directory" : stats.isFile() && stats.nlink <= 1 ? "file" : "other";
  return { path, kind, bytes: kind === "file" ? stats.size : 0, modifiedAt: stats.mtime };
}

function enterIfOpen(directory: Directory, name: Name): Directory | undefined {
  try {
    return directory.enter(name);
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}

function joined(path: string, name: string): string {
  return path === "" ? name : `${path}/${name}`;
}

/** Bytes that are no UTF-8 are shown as if they were Latin-1. */
function textOf(name: Name): string {
  return visible(typeof name === "string" ? name : name.toString("latin1"));
}

function sortedNames(directory: Directory): { name: Name; text: string }[] {
  const names = directory.names().map((name) => ({ name, text: textOf(name) }));
  return names.sort((a, b) => (a.text < b.text ? -1 : 1));
}
