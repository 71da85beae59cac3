import { isForeign } from "../origin.ts";
import type { Chunks } from "../store/chunks.ts";
import type { JournalStamps } from "../store/journal-stamps.ts";
import { startOfDay } from "../time.ts";
import { chunkOf, linesOf, piecesOf } from "./chunk.ts";
import { type Journal, journalEntries } from "./journal.ts";

export interface JournalIndexingOptions {
  journal: Journal;
  stamps: JournalStamps;
  chunks: Chunks;
  transaction<T>(work: () => T): T;
  timezone: string;
}

/** Brings what is indexed of the journals to what the files are now: edited, renamed, deleted by hand or not. */
export async function indexJournals(
  { journal, stamps, chunks, transaction, timezone }: JournalIndexingOptions,
  signal?: AbortSignal,
): Promise<void> {
  const known = stamps.all();
  for (const { day, stamp } of await journal.days()) {
    signal?.throwIfAborted();
    const isKnown = known.get(day) === stamp;
    known.delete(day);
    if (isKnown) continue;
    // What cannot be read, such as a file that is no longer one, is as good as gone; it is tried again when it changes.
    const content = (await journal.read(day).catch(() => undefined)) ?? "";
    const added = [...sectionsOf(content)].flatMap((entries) => {
      const lines = entries.flatMap(({ section, text, origin }) =>
        linesOf({ at: noonOf(day, timezone), who: section || "journal", origin, text }),
      );
      return piecesOf(lines).map((piece) => chunkOf(piece, { day }, timezone));
    });
    transaction(() => {
      chunks.replace(chunks.ofDay(day), added);
      stamps.set(day, stamp);
    });
  }
  for (const day of known.keys())
    transaction(() => {
      chunks.replace(chunks.ofDay(day), []);
      stamps.set(day, undefined);
    });
}

/** The entries of each section; foreign ones are apart. */
function sectionsOf(content: string): Iterable<ReturnType<typeof journalEntries>> {
  return Map.groupBy(journalEntries(content), ({ section, origin }) => `${isForeign(origin)} ${section}`).values();
}

/** An entry may have no time of its own. */
function noonOf(day: string, timezone: string): number {
  return startOfDay(day, timezone).getTime() + 12 * 3_600_000;
}
