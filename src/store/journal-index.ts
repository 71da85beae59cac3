import type { DatabaseSync } from "node:sqlite";
import type { Origin } from "../origin.ts";
import { matchAny } from "./full-text.ts";
import type { Transactions } from "./transactions.ts";

/** The full-text index of one agent's journals. The files are the truth; this can be made anew from them. */
export interface JournalIndex {
  /** What the index holds: day → the stamp of the file it was made from. */
  stamps(): Map<string, string>;
  /** Replaces what is known of one day; undefined when its file is gone. */
  replace(day: string, file: { stamp: string; entries: readonly IndexedEntry[] } | undefined): void;
  /** Best first; newest first when there is no text. Days are inclusive. */
  search(query: {
    text?: string | undefined;
    from?: string | undefined;
    to?: string | undefined;
    limit: number;
  }): JournalHit[];
}

export interface IndexedEntry {
  section: string;
  text: string;
  origin: Origin;
}

export interface JournalHit extends IndexedEntry {
  day: string;
}

/** The entries of a journal have row ids beside each other, so that they can be removed without a search for them. */
const rowsPerJournal = 2 ** 20;

export function createJournalIndex(database: DatabaseSync, transactions: Transactions, agent: string): JournalIndex {
  const stamps = database.prepare("SELECT day, stamp FROM journal WHERE agent = ?");
  const find = database.prepare("SELECT id FROM journal WHERE agent = ? AND day = ?");
  const removeText = database.prepare("DELETE FROM journal_text WHERE rowid >= ? AND rowid < ?");
  const removeDay = database.prepare("DELETE FROM journal WHERE id = ?");
  const insertDay = database.prepare("INSERT INTO journal (agent, day, stamp) VALUES (?, ?, ?)");
  const insertText = database.prepare(
    "INSERT INTO journal_text (rowid, text, origin, section, journal) VALUES (?, ?, ?, ?, ?)",
  );
  const select = `SELECT journal_text.text, journal_text.origin, journal_text.section, journal.day
    FROM journal_text JOIN journal ON journal.id = journal_text.journal
    WHERE journal.agent = ? AND journal.day >= ? AND journal.day <= ?`;
  const byText = database.prepare(`${select} AND journal_text MATCH ? ORDER BY bm25(journal_text) LIMIT ?`);
  const byDay = database.prepare(`${select} ORDER BY journal.day DESC, journal_text.rowid LIMIT ?`);

  return {
    stamps: () => new Map(stamps.all(agent).map((row) => [String(row.day), String(row.stamp)])),
    replace(day, file) {
      transactions.run(() => {
        const known = find.get(agent, day);
        if (known) {
          const id = Number(known.id);
          removeText.run(id * rowsPerJournal, (id + 1) * rowsPerJournal);
          removeDay.run(id);
        }
        if (!file) return;
        const id = Number(insertDay.run(agent, day, file.stamp).lastInsertRowid);
        for (const [index, { text, origin, section }] of file.entries.slice(0, rowsPerJournal).entries())
          insertText.run(id * rowsPerJournal + index, text, origin, section, id);
      });
    },
    search({ text = "", from = "0000-00-00", to = "9999-99-99", limit }) {
      const match = matchAny(text);
      if (text !== "" && !match) return [];
      const rows = match ? byText.all(agent, from, to, match, limit) : byDay.all(agent, from, to, limit);
      return rows.map((row) => row as unknown as JournalHit);
    },
  };
}
