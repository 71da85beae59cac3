import { join } from "node:path";
import type { Logger } from "../log.ts";
import type { Folder } from "../sandbox/folder.ts";
import { createTerms } from "../store/full-text.ts";
import type { MemoryTables } from "../store/store.ts";
import { createCoreFiles } from "./core-files.ts";
import { createIndexer } from "./indexer.ts";
import { createJournal } from "./journal.ts";
import { byKeywordAlone, createMeaning, type MeaningParts } from "./meaning.ts";
import type { Memory } from "./memory.ts";
import { createSearch } from "./search.ts";

export interface MemoryOptions {
  /** The agent's workspace, core files and journals included. */
  folder: Folder;
  /** Where that is. */
  directory: string;
  tables: MemoryTables;
  /** What is needed to search by meaning as well; left out, the search goes by keyword. */
  meaning?: MeaningParts | undefined;
  /** After so many days what is recent has lost half of its favour. */
  halfLifeDays?: number | undefined;
  timezone: string;
  now(): Date;
  log: Logger;
}

const defaultTokens = 2_000;
const defaultHalfLifeDays = 60;

/** Nothing is read or loaded before `start` or the first search. */
export function openMemory(options: MemoryOptions): Memory {
  const { folder, directory, tables, timezone, now, log, halfLifeDays = defaultHalfLifeDays } = options;
  const journal = createJournal(folder, now, timezone);
  const { vectors } = tables;
  const meaning = options.meaning ? createMeaning({ ...options.meaning, vectors, timezone, now, log }) : byKeywordAlone;
  const journalFolder = join(directory, "memory");
  const indexer = createIndexer({ tables, journal, journalFolder, onChunks: meaning.update, timezone, log });
  const search = createSearch({
    ...{ chunks: tables.chunks, terms: createTerms(), meaning: meaning.search },
    ...{ halfLifeDays, timezone, now },
  });

  return {
    core: createCoreFiles(folder, now),
    journal,
    start: indexer.start,
    async search({ tokens = defaultTokens, ...query }, signal) {
      await indexer.fresh();
      return search.find({ ...query, tokens }, signal);
    },
    async recollect(query, signal) {
      await indexer.fresh();
      return search.recollect(query, signal);
    },
    async reindex(onProgress, signal) {
      await indexer.rebuild((done, all) => onProgress({ what: "texts", done, all }), signal);
      await meaning.rebuild((done, all) => onProgress({ what: "vectors", done, all }), signal);
    },
    async status() {
      const days = await journal.days();
      const behind = indexer.behind();
      const amounts = `${counted(tables.said.count(), "message")} and ${counted(days.length, "journal day")}`;
      const shortcoming = [
        ...(behind > 0 ? [`${counted(behind, "message")} are still being indexed`] : []),
        ...meaning.shortcomings(),
      ].join("; ");
      return {
        text: `${amounts}, ${meaning.describe()}${behind > 0 ? `; ${counted(behind, "message")} to be indexed` : ""}`,
        ...(shortcoming ? { shortcoming } : {}),
      };
    },
    async [Symbol.asyncDispose]() {
      await indexer[Symbol.asyncDispose]();
      await meaning[Symbol.asyncDispose]();
    },
  };
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
