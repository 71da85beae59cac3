import { type FSWatcher, statSync, watch } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Logger } from "../log.ts";
import type { MemoryTables } from "../store/store.ts";
import { indexJournals } from "./index-journals.ts";
import { createLogIndexing } from "./index-log.ts";
import type { Journal } from "./journal.ts";

/** Keeps what is searched at what was said and written. All it does is done in small steps beside everything else. */
export interface Indexer extends AsyncDisposable {
  /** Begins: what came while nobody looked is taken in, and from then on what comes. */
  start(): void;
  /** Resolves when the newest messages and journals can be found; at the latest after a moment, then the rest comes later. */
  fresh(): Promise<void>;
  /** The same, but for what was said in this session from this entry on: if nothing else is new, that is taken in later. */
  freshBeside(session: number, from: number): Promise<void>;
  /** Makes everything anew from the log and the journals. */
  rebuild(onProgress: (done: number, all: number) => void, signal?: AbortSignal): Promise<void>;
  /** How many entries of the log are not indexed yet. */
  behind(): number;
}

export interface IndexerOptions {
  tables: MemoryTables;
  journal: Journal;
  /** The folder that the journals lie in. */
  journalFolder: string;
  /** Called when there are new chunks. */
  onChunks(): void;
  timezone: string;
  log: Logger;
}

/** A search waits this long for what is new. */
const patienceMs = 100;

/** Files that changed a moment ago change again: they are read when it is quiet. */
const quietMs = 300;

export function createIndexer({ tables, journal, journalFolder, onChunks, timezone, log }: IndexerOptions): Indexer {
  const { said, chunks, transaction } = tables;
  const logIndexing = createLogIndexing({ said, chunks, transaction, timezone });
  const closing = new AbortController();
  const { signal } = closing;
  let watcher: FSWatcher | undefined;
  /** The folder that is watched; another one may have come into its place. */
  let watched: string | undefined;
  let areJournalsKnown = false;
  let haveJournalsChanged = false;
  let quiet: NodeJS.Timeout | undefined;

  const logCaughtUp = alone(async () => {
    while (!signal.aborted && logIndexing.step()) await nextTurn();
  });
  const journalsCaughtUp = alone(async () => {
    // The watch begins before the look: what changes meanwhile must be looked at again.
    const isWatched = watchJournals();
    [areJournalsKnown, haveJournalsChanged] = [false, false];
    await indexJournals({ ...tables, journal, timezone }, signal);
    areJournalsKnown = isWatched && !haveJournalsChanged;
  });

  /** True when whatever changes from now on will be told. */
  function watchJournals(): boolean {
    if (watcher) return true;
    watched = birthOf(journalFolder);
    // No journal was written yet: the day it is, the folder is there.
    if (watched === undefined) return true;
    try {
      watcher = watch(journalFolder, { persistent: false }, (_event, name) => {
        if (name !== null && !/^\d{4}-\d{2}-\d{2}\.md$/.test(name)) return;
        [areJournalsKnown, haveJournalsChanged] = [false, true];
        clearTimeout(quiet);
        quiet = undefined;
        soon();
      });
      watcher.on("error", endWatch);
      return true;
    } catch {
      return false; // Nothing tells of changes here: then each search looks itself.
    }
  }

  function endWatch(): void {
    watcher?.close();
    [watcher, areJournalsKnown] = [undefined, false];
  }

  async function catchUp(): Promise<void> {
    if (birthOf(journalFolder) !== watched) endWatch();
    await Promise.all([logCaughtUp(), areJournalsKnown ? undefined : journalsCaughtUp()]);
    onChunks();
  }
  /** Whatever happens to the journals is told, or there are none. */
  const isWatching = (): boolean => birthOf(journalFolder) === watched && areJournalsKnown;

  const inBackground = (): Promise<void> =>
    catchUp().catch((error) => {
      if (!signal.aborted) log.warn("What is new could not be indexed; it is tried again", { error });
    });

  function soon(): void {
    quiet ??= setTimeout(() => {
      quiet = undefined;
      void inBackground();
    }, quietMs).unref();
  }

  async function fresh(): Promise<void> {
    // What the system has told of changed files is heard first: between two turns it is asked, in the midst of one it is not.
    await nextTurn();
    await nextTurn();
    await Promise.race([inBackground(), new Promise((resolve) => setTimeout(resolve, patienceMs).unref())]);
  }

  return {
    start: () => void inBackground(),
    fresh,
    async freshBeside(session, from) {
      if (!isWatching() || said.isBehindBeside(session, from)) await fresh();
      else soon();
    },
    async rebuild(onProgress, caller) {
      transaction(() => {
        said.restart();
        for (const day of tables.stamps.all().keys()) tables.stamps.set(day, "anew");
      });
      const all = said.waiting();
      while (logIndexing.step()) {
        onProgress(all - said.waiting(), all);
        await nextTurn();
        caller?.throwIfAborted();
      }
      await journalsCaughtUp();
      onProgress(all, all);
    },
    behind: () => said.waiting(),
    async [Symbol.asyncDispose]() {
      closing.abort();
      clearTimeout(quiet);
      watcher?.close();
      await Promise.allSettled([logCaughtUp(), journalsCaughtUp()]);
    },
  };
}

/** Tells one folder from any other that is put in its place; undefined when there is none. */
function birthOf(folder: string): string | undefined {
  const status = statSync(folder, { bigint: true, throwIfNoEntry: false });
  return status && `${status.dev} ${status.ino} ${status.birthtimeNs}`;
}

/** One at a time: who comes while it runs gets another round after it, and shares that with all who wait. */
function alone(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const run = (): Promise<void> => {
    running = work().finally(() => {
      running = undefined;
    });
    return running;
  };
  return () => {
    if (!running) return run();
    next ??= running
      .catch(() => {})
      .then(() => {
        next = undefined;
        return run();
      });
    return next;
  };
}
