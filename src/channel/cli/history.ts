import { appendFileSync, chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";

/** What was typed before, oldest first. Kept in a file that its owner alone can read: one JSON string a line. */
export interface History {
  readonly entries: readonly string[];
  /** Never throws: a history that cannot be written is no reason not to send. */
  add(text: string): void;
}

const entryLine = z.string();

export function openHistory(path: string, keep = 1000): History {
  const stored = read(path);
  const entries = stored.slice(-keep);
  if (stored.length > keep) quietly(() => rewrite(path, entries));

  return {
    entries,
    add(text) {
      if (entries.at(-1) === text) return;
      entries.push(text);
      quietly(() => {
        mkdirSync(dirname(path), { recursive: true });
        appendFileSync(path, `${JSON.stringify(text)}\n`, { mode: 0o600 });
      });
    },
  };
}

function read(path: string): string[] {
  let text = "";
  quietly(() => {
    text = readFileSync(path, "utf8");
    chmodSync(path, 0o600);
  });
  return text.split("\n").flatMap((line) => {
    try {
      return [entryLine.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}

function rewrite(path: string, entries: readonly string[]): void {
  const fresh = `${path}.new`;
  writeFileSync(fresh, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""), { mode: 0o600 });
  renameSync(fresh, path);
}

function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // What was typed before is a comfort, not a duty.
  }
}
