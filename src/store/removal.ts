import type { DatabaseSync } from "node:sqlite";
import type { InboxRow } from "./inbox.ts";
import type { Transactions } from "./transactions.ts";

/** Takes the words of a message out of everything that is kept, because the one who wrote it took them back. */
export interface Removal {
  /** The row stays, empty and done, so that the same event is not taken for a new one. */
  remove(row: InboxRow): void;
}

/** What stands in the place of removed words. */
export const removedText = "[Removed by the one who wrote it.]";

/** One of the two exceptions to a log that is only ever added to. */
export function createRemoval(database: DatabaseSync, transactions: Transactions, now: () => Date): Removal {
  const emptyInbox = database.prepare(
    "UPDATE inbox SET text = '', quote = NULL, attachments = NULL, done_at = ifnull(done_at, ?) WHERE id = ?",
  );
  const emptyLog = database.prepare(
    "UPDATE log SET text = ?, content = NULL WHERE run = ? AND role = 'user' AND sender = ? AND at = ? AND text = ?",
  );
  const quoting = database.prepare(
    "SELECT id, run, at, quote FROM inbox WHERE channel = ? AND json_extract(quote, '$.event') = ? AND quote IS NOT NULL",
  );
  const emptyQuote = database.prepare("UPDATE inbox SET quote = NULL WHERE id = ?");

  return {
    remove(row) {
      transactions.run(() => {
        if (row.run !== undefined) emptyLog.run(removedText, row.run, row.sender, row.at.getTime(), row.text);
        emptyInbox.run(now().getTime(), row.id);
        for (const quoted of quoting.all(row.channel, row.event)) {
          const { id, run, at, quote } = quoted as never;
          const { sender, text } = JSON.parse(quote);
          if (run !== null) emptyLog.run(removedText, run, sender, at, text);
          emptyQuote.run(id);
        }
      });
    },
  };
}
