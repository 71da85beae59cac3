import type { Origin } from "../origin.ts";
import { folded } from "./names.ts";
import type { FileOrigins } from "./workspace.ts";

/** From the most trusted to the least. */
const byTrust: readonly Origin[] = ["owner", "agent", "derived", "guest", "web"];

/** Keeps the marks such that whatever happens in between, a file is rather trusted too little than too much. */
export interface Marks {
  of(path: string): Origin;
  /** Does `write` and marks what it makes with the origin: the file or folder `path`, and new folders `above` it. */
  around(path: string, above: string[], origin: Origin, write: () => Promise<void>): Promise<void>;
  remove(paths: string[]): void;
}

/** The one of these origins that is trusted least; `owner` when there are none. */
export function leastTrusted(origins: Iterable<Origin>): Origin {
  return byTrust[Math.max(0, ...Array.from(origins, (origin) => byTrust.indexOf(origin)))] ?? "web";
}

export function createMarks(origins: FileOrigins): Marks {
  return {
    of: (path) => origins.get(path) ?? origins.get(anyCase(path)) ?? "owner",

    async around(path, above, origin, write) {
      if (origin === "owner" || origin === "agent") {
        await write();
        unmark(path);
        return;
      }
      // Before the content: stopped in between, what was there before is trusted too little.
      for (const each of [path, ...above]) mark(each, leastTrusted([origin, origins.get(each) ?? "owner"]));
      await write();
      mark(path, origin);
    },

    remove(paths) {
      for (const path of paths) unmark(path);
    },
  };

  function mark(path: string, origin: Origin): void {
    origins.set(path, origin);
    origins.set(anyCase(path), origin);
  }

  function unmark(path: string): void {
    // A path without a mark of its own may share the second one with another file.
    if (origins.get(path) === undefined) return;
    origins.delete(path);
    origins.delete(anyCase(path));
  }
}

/**
 * A second key for each mark, since some disks do not tell NOTE.md from note.md: then it is found under either name. No
 * path of a file ends in a slash.
 */
function anyCase(path: string): string {
  return `${folded(path)}/`;
}
