import { isForeign } from "../origin.ts";
import type { ChunkLine, Chunks } from "../store/chunks.ts";
import type { Said, SaidEntry } from "../store/said.ts";
import { chunkOf, linesOf, piecesOf } from "./chunk.ts";

/** Makes chunks of what was said. Each step is small, and stored whole or not at all. */
export interface LogIndexing {
  /** Takes in a few entries; false when nothing is left. */
  step(): boolean;
}

export interface LogIndexingOptions {
  said: Said;
  chunks: Chunks;
  transaction<T>(work: () => T): T;
  timezone: string;
}

/** So few that a step takes a few milliseconds. */
const entriesOfAStep = 32;

export function createLogIndexing({ said, chunks, transaction, timezone }: LogIndexingOptions): LogIndexing {
  function takeIn(entries: readonly SaidEntry[]): void {
    const end = entries.at(-1)?.id ?? 0;
    for (const [session, ofSession] of Map.groupBy(entries, (entry) => entry.session)) {
      for (const [outside, mine] of Map.groupBy(ofSession, ({ origin }) => isForeign(origin))) {
        const last = chunks.lastOfSession(session, outside);
        const from = last ? (last.next ?? last.first) : (mine[0]?.id ?? 0);
        const pieces = piecesOf(linesBetween(session, outside, from, end));
        const added = pieces.map((piece) => chunkOf(piece, { session, outside, next: piece.next?.entry }, timezone));
        chunks.replace(chunks.beginningFrom(session, outside, from), added);
      }
    }
    said.done(end);
  }

  /** Foreign words are in chunks of their own. */
  function linesBetween(session: number, outside: boolean, from: number, to: number): ChunkLine[] {
    const entries = said.between(session, from, to);
    return entries.filter(({ origin }) => isForeign(origin) === outside).flatMap((entry) => linesOf(lineOf(entry)));
  }

  function takeBack(): void {
    for (const { session, entry } of said.rewritten()) {
      for (const { id, first, last, next, outside } of chunks.ofEntry(session, entry)) {
        const lines = linesBetween(session, outside, first, last);
        const rest = lines.length === 0 ? [] : [chunkOf({ lines }, { session, outside, next }, timezone)];
        chunks.replace([id], rest);
      }
      said.settle(entry);
    }
  }

  return {
    step() {
      return transaction(() => {
        takeBack();
        const entries = said.next(entriesOfAStep);
        if (entries.length > 0) takeIn(entries);
        return entries.length === entriesOfAStep;
      });
    },
  };
}

function lineOf({ id, run, at, sender, origin, text }: SaidEntry): ChunkLine {
  return { at, who: sender, origin, text, entry: id, ...(run === undefined ? {} : { run }) };
}
