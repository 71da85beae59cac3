import type { Origin } from "../origin.ts";
import { folded } from "./names.ts";
import type { FileOrigins } from "./workspace.ts";

/** From the most trusted to the least. */
const byTrust: readonly Origin[] = ["owner", "agent", "derived", "guest", "web"];

/** Keeps the marks such that whatever happens in between, a file is rather trusted too little than too much. */
export interface Marks {
  of(path: string): Origin;
  /** Writes a file by `write` and marks it with the less trusted origin. */
  around(path: string, basedOn: Origin | undefined, writer: Origin, write: () => Promise<void>): Promise<void>;
  remove(paths: string[]): void;
}

export function createMarks(origins: FileOrigins): Marks {
  return {
    of: (path) => origins.get(path) ?? origins.get(anyCase(path)) ?? "owner",

    async around(path, basedOn, writer, write) {
      const origin = lessTrusted(basedOn ?? "owner", writer);
      const isMarked = origin !== "owner" && origin !== "agent";
      if (!isMarked) {
        await write();
        unmark(path);
        return;
      }
      const before = origins.get(path);
      // Before the content: stopped in between, the old content is trusted too little.
      mark(path, lessTrusted(origin, before ?? "owner"));
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

function lessTrusted(one: Origin, other: Origin): Origin {
  return byTrust.indexOf(one) > byTrust.indexOf(other) ? one : other;
}
