import type { JournalIndex } from "../store/journal-index.ts";
import type { LogLine, LogSearch } from "../store/log-search.ts";
import { addDays, dayOf, startOfDay, timeOf } from "../time.ts";
import { type Journal, journalEntries } from "./journal.ts";
import type { MemoryQuery, Recollection } from "./memory.ts";

/** Search by the words themselves, over journals and log. */
export interface KeywordSearch {
  search(query: MemoryQuery): Promise<Recollection[]>;
  /** Brings the index of the journals to what the files are now. */
  update(): Promise<void>;
}

export interface KeywordSearchOptions {
  journal: Journal;
  journalIndex: JournalIndex;
  logSearch: LogSearch;
  timezone: string;
}

/** Longest piece of a hit, and of a line beside it. */
const hitCharacters = 1_000;
const besideCharacters = 240;

export function createKeywordSearch({
  journal,
  journalIndex,
  logSearch,
  timezone,
}: KeywordSearchOptions): KeywordSearch {
  const update = async (): Promise<void> => {
    const known = journalIndex.stamps();
    for (const { day, stamp } of await journal.days()) {
      if (known.get(day) !== stamp) {
        const content = await journal.read(day);
        journalIndex.replace(day, content === undefined ? undefined : { stamp, entries: journalEntries(content) });
      }
      known.delete(day);
    }
    for (const day of known.keys()) journalIndex.replace(day, undefined);
  };

  const beside = ({ sender, text }: LogLine): string => `${sender}: ${excerpt(text, besideCharacters)}`;

  return {
    update,
    async search({ text, from, to, limit, exceptRun }) {
      await update();
      const log = logSearch.search({
        ...{ text, limit, exceptRun },
        from: from ? startOfDay(from, timezone) : undefined,
        to: to ? startOfDay(addDays(to, 1), timezone) : undefined,
      });
      const said = log.map(
        ({ at, sender, origin, text, before, after }): Recollection => ({
          ...{ text: excerpt(text, hitCharacters), day: dayOf(at, timezone), time: timeOf(at, timezone) },
          ...{ who: sender, origin, source: "conversation", before: before.map(beside), after: after.map(beside) },
        }),
      );
      const written = journalIndex.search({ text, from, to, limit }).map(
        ({ day, section, origin, text }): Recollection => ({
          ...{ text: excerpt(text, hitCharacters), day, who: section || "journal" },
          ...{ origin, source: "journal", before: [], after: [] },
        }),
      );
      return interleave(written, said).slice(0, limit);
    },
  };
}

/** The best of each in turn: the scores of two indexes cannot be compared, their ranks can. */
function interleave<T>(a: readonly T[], b: readonly T[]): T[] {
  const length = Math.max(a.length, b.length);
  return Array.from({ length }, (_, index) => [a[index], b[index]].filter((item) => item !== undefined)).flat() as T[];
}

function excerpt(text: string, characters: number): string {
  const flat = text.trim();
  return flat.length <= characters ? flat : `${flat.slice(0, characters - 1)}…`;
}
