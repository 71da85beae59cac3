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
    `UPDATE log SET text = ?, content = NULL WHERE role = 'user' AND sender = ? AND at = ? AND text = ?
       AND session IN (SELECT id FROM session WHERE agent = ? AND conversation = ?)`,
  );
  const quotings = database.prepare(
    `SELECT * FROM inbox WHERE channel = ? AND quote IS NOT NULL
       AND EXISTS (SELECT 1 FROM json_each(quote, '$.events') WHERE value = ?)`,
  );
  const emptyQuote = database.prepare("UPDATE inbox SET quote = NULL WHERE id = ?");

  return {
    remove(row) {
      transactions.run(() => {
        const { agent, conversation } = row;
        emptyLog.run(removedText, row.sender, row.at.getTime(), row.text, agent, conversation);
        emptyInbox.run(now().getTime(), row.id);
        for (const quoting of quotings.all(row.channel, row.event)) {
          const { id, at, quote, agent, conversation } = quoting as never;
          const { sender, text } = JSON.parse(quote);
          emptyLog.run(removedText, sender, at, text, agent, conversation);
          emptyQuote.run(id);
        }
      });
    },
  };
}
