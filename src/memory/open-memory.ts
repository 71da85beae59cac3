import { join } from "node:path";
import type { Logger } from "../log.ts";
import type { Folder } from "../sandbox/folder.ts";
import { createTerms } from "../store/full-text.ts";
import type { MemoryTables } from "../store/store.ts";
import { createCoreFiles } from "./core-files.ts";
import { createIndexer } from "./indexer.ts";
import { createJournal } from "./journal.ts";
import { createLateMeaning } from "./late-meaning.ts";
import { byKeywordAlone, createMeaning, type MeaningParts } from "./meaning.ts";
import type { Memory } from "./memory.ts";
import { createSearch } from "./search.ts";

export interface MemoryOptions {
  /** The agent's workspace, core files and journals included. */
  folder: Folder;
  /** Where that is. */
  directory: string;
  /** The folder whose USER.md all agents share; the agent's own when left out. */
  owners?: Folder | undefined;
  tables: MemoryTables;
  /** What is needed to search by meaning as well; left out, the search goes by keyword. */
  meaning?: (() => Promise<MeaningParts>) | undefined;
  /** After so many days what is recent has lost half of its favour. */
  halfLifeDays?: number | undefined;
  timezone: string;
  now(): Date;
  log: Logger;
}

const defaultTokens = 2_000;
const defaultHalfLifeDays = 60;

/** A search takes in so many new entries before it looks. */
const catchesUpAtOnce = 500;

/** Nothing is read or loaded before `start` or the first search. */
export function openMemory(options: MemoryOptions): Memory {
  const { folder, directory, tables, timezone, now, log, halfLifeDays = defaultHalfLifeDays } = options;
  const journal = createJournal(folder, now, timezone);
  const { vectors } = tables;
  const open = options.meaning;
  const meaning = open
    ? createLateMeaning(async () => createMeaning({ ...(await open()), vectors, timezone, now, log }), log)
    : byKeywordAlone;
  const journalFolder = join(directory, "memory");
  const indexer = createIndexer({ tables, journal, journalFolder, onChunks: meaning.update, timezone, log });
  const search = createSearch({
    ...{ chunks: tables.chunks, terms: createTerms(), meaning: meaning.search },
    ...{ halfLifeDays, timezone, now },
  });

  return {
    core: createCoreFiles(folder, now, options.owners),
    journal,
    start: indexer.start,
    async ready(signal) {
      await indexer.fresh();
      await meaning.ready(signal).catch(() => {});
    },
    async search({ tokens = defaultTokens, ...query }, signal) {
      await indexer.fresh();
      return search.find({ ...query, tokens }, signal);
    },
    async recollect(query, signal) {
      const { inView } = query;
      await (inView ? indexer.freshBeside(inView.session, inView.from) : indexer.fresh());
      return search.recollect(query, signal);
    },
    async reindex(onProgress, signal) {
      await indexer.rebuild((done, all) => onProgress({ what: "texts", done, all }), signal);
      await meaning.rebuild((done, all) => onProgress({ what: "vectors", done, all }), signal);
    },
    async status() {
      await indexer.fresh();
      const days = await journal.days();
      const behind = indexer.behind();
      const amounts = `${counted(tables.said.count(), "message")} and ${counted(days.length, "journal day")}`;
      const left = behind > 0 ? `; ${counted(behind, "entry", "entries")} of the log to be indexed` : "";
      return { text: `${amounts}, ${meaning.describe()}${left}`, details: meaning.details() };
    },
    shortcoming() {
      const behind = indexer.behind();
      const indexing = behind > catchesUpAtOnce ? [`${behind} entries of the log are still being indexed`] : [];
      return [...indexing, ...meaning.shortcomings()].join("; ") || undefined;
    },
    async [Symbol.asyncDispose]() {
      await indexer[Symbol.asyncDispose]();
      await meaning[Symbol.asyncDispose]();
    },
  };
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
