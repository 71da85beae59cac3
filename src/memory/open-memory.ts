import type { Folder } from "../sandbox/folder.ts";
import type { JournalIndex } from "../store/journal-index.ts";
import type { LogSearch } from "../store/log-search.ts";
import { createCoreFiles } from "./core-files.ts";
import { createJournal } from "./journal.ts";
import { createKeywordSearch } from "./keyword.ts";
import { describeRecollection, type Memory, tokensOf } from "./memory.ts";

export interface MemoryOptions {
  /** The agent's workspace, core files and journals included. */
  folder: Folder;
  journalIndex: JournalIndex;
  logSearch: LogSearch;
  timezone: string;
  now(): Date;
}

export function openMemory({ folder, journalIndex, logSearch, timezone, now }: MemoryOptions): Memory {
  const journal = createJournal(folder, now, timezone);
  const keyword = createKeywordSearch({ journal, journalIndex, logSearch, timezone });
  return {
    core: createCoreFiles(folder, now),
    journal,
    search: (query) => keyword.search(query),
    async recollect({ text, exceptRun, tokens }) {
      let left = tokens;
      const found = await keyword.search({ text, exceptRun, limit: 8 });
      return found.filter((one) => {
        const isClean = one.origin === "owner" || one.origin === "agent";
        return isClean && (left -= tokensOf(describeRecollection(one))) >= 0;
      });
    },
    async status() {
      const days = await journal.days();
      const amounts = `${counted(logSearch.count(), "message")} and ${counted(days.length, "journal day")}`;
      return { text: `${amounts}, searched by keyword` };
    },
  };
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
