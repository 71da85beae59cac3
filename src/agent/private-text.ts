import { setImmediate } from "node:timers/promises";
import { coreFileNames } from "../memory/core-files.ts";
import { journalEntries } from "../memory/journal.ts";
import type { Memory } from "../memory/memory.ts";
import { isForeign } from "../origin.ts";
import type { Workspace } from "../sandbox/workspace.ts";
import type { Heard } from "../store/heard.ts";
import { createTextIndex, sharesText } from "./overlap.ts";

/**
 * All that is the owner's own: what they said, core files, journals, and the files that do not come from outside: their
 * beginning, and whatever a tool has read in them, of PDFs too.
 */
export interface PrivateText {
  /** Whether a text shares words with it that are not in `except`. The first time takes as long as reading it all. */
  sharesWith(text: string, except: readonly string[]): Promise<boolean>;
}

export interface PrivateTextOptions {
  heard: Pick<Heard, "ownersWordsAfter">;
  memory: Pick<Memory, "core" | "journal">;
  workspace: Pick<Workspace, "list" | "readFile">;
}

/** A longer file is read up to here; and all files together, which are read last, up to that. */
const longestFileBytes = 2 * 1024 * 1024;
const mostFileBytes = 32 * 1024 * 1024;

/** What was added stays, also when its source has changed since: it was the owner's then. */
export function createPrivateText({ heard, memory, workspace }: PrivateTextOptions): PrivateText {
  const index = createTextIndex();
  /** What was read, with the state that it was in. */
  const stamps = new Map<string, string>();
  let newestHeard = 0;
  let fileBytes = 0;
  let last: Promise<void> = Promise.resolve();

  /** Reads a source unless it is as it was. */
  async function update(source: string, stamp: string, read: () => Promise<string>): Promise<void> {
    if (stamps.get(source) === stamp) return;
    stamps.set(source, stamp);
    index.add(await read());
  }

  async function readWords(): Promise<void> {
    for (;;) {
      const words = heard.ownersWordsAfter(newestHeard);
      if (words.length === 0) return;
      for (const { text } of words) index.add(text);
      newestHeard = words.at(-1)?.id ?? newestHeard;
      // Other conversations get their turn.
      await setImmediate();
    }
  }

  async function readCoreFiles(): Promise<void> {
    for (const name of coreFileNames) {
      const { content, hash } = await memory.core.read(name);
      await update(`core ${name}`, hash, async () => content);
    }
  }

  async function readJournals(): Promise<void> {
    for (const { day, stamp } of await memory.journal.days())
      await update(`journal ${day}`, stamp, async () => {
        const own = journalEntries((await memory.journal.read(day)) ?? "").filter(({ origin }) => !isForeign(origin));
        return own.map(({ text }) => text).join("\n");
      });
  }

  async function readFiles(): Promise<void> {
    const files = await workspace.list("", { depth: Number.POSITIVE_INFINITY });
    for (const { path, kind, bytes, modifiedAt, origin } of files) {
      if (kind !== "file" || isForeign(origin)) continue;
      await update(`file ${path}`, `${modifiedAt.getTime()}-${bytes}`, () => textOf(path));
    }
  }

  async function textOf(path: string): Promise<string> {
    const file = fileBytes < mostFileBytes ? await workspace.readFile(path).catch(() => undefined) : undefined;
    const bytes = file?.bytes.subarray(0, longestFileBytes);
    if (!bytes || bytes.includes(0)) return "";
    fileBytes += bytes.length;
    return bytes.toString("utf8");
  }

  async function readAll(): Promise<void> {
    await readWords();
    await readCoreFiles();
    await readJournals();
    await readFiles();
  }

  return {
    async sharesWith(text, except) {
      last = last.catch(() => {}).then(readAll);
      await last;
      return sharesText(text, index, createTextIndex(except));
    },
  };
}
