import type { DatabaseSync } from "node:sqlite";
import type { Transactions } from "./transactions.ts";

/** All that the database has of one agent. What its models cost stays: the limits of the day count it. */
export interface AgentRows {
  /**
   * Removes it for good: nothing of it can be read from the file afterwards, as it is on the disk. The other of the two
   * exceptions to a log that is only ever added to. It may take a second, and twice is harmless.
   */
  remove(agent: string): void;
}

const sessions = "(SELECT id FROM session WHERE agent = ?1)";
const runs = `(SELECT id FROM run WHERE session IN ${sessions})`;
const entries = `(SELECT id FROM log WHERE session IN ${sessions})`;
/** As in chunks.ts: the chunks of one memory have ids beside each other. */
const chunks = `(SELECT chunk.id FROM memory JOIN chunk ON chunk.id >= memory.id << 40 AND chunk.id < (memory.id + 1) << 40
  WHERE memory.agent = ?1)`;

/** Each before what it refers to. */
const statements = [
  `DELETE FROM approval WHERE run IN ${runs}`,
  "DELETE FROM inbox WHERE agent = ?1",
  "DELETE FROM outbox WHERE agent = ?1",
  "DELETE FROM question WHERE agent = ?1",
  "DELETE FROM room WHERE agent = ?1",
  `DELETE FROM summary WHERE session IN ${sessions}`,
  `DELETE FROM chunk_text WHERE rowid IN ${chunks}`,
  "DELETE FROM chunk_vector WHERE memory IN (SELECT id FROM memory WHERE agent = ?1)",
  `DELETE FROM chunk WHERE id IN ${chunks}`,
  "DELETE FROM memory WHERE agent = ?1",
  `DELETE FROM log_changed WHERE entry IN ${entries}`,
  `INSERT INTO log_text (log_text, rowid, text) SELECT 'delete', id, text FROM log WHERE session IN ${sessions}`,
  `DELETE FROM log WHERE session IN ${sessions}`,
  `DELETE FROM run WHERE session IN ${sessions}`,
  "DELETE FROM session WHERE agent = ?1",
  "DELETE FROM file_origin WHERE agent = ?1",
  "DELETE FROM journal WHERE agent = ?1",
  // Settings of one conversation have the conversation after the id.
  "DELETE FROM setting WHERE scope = ?1 OR substr(scope, 1, length(?1) + 1) = ?1 || ' '",
];

export function createAgentRows(database: DatabaseSync, transactions: Transactions): AgentRows {
  return {
    remove(agent) {
      database.exec("PRAGMA secure_delete = ON");
      database.exec("INSERT INTO log_text (log_text, rank) VALUES ('secure-delete', 1)");
      transactions.run(() => {
        for (const statement of statements) database.prepare(statement).run(agent);
      });
      // The words of deleted rows stay in the full-text index until it is merged, and those of rows that were changed or
      // emptied before today stand in pages that nobody uses: the file is written anew, without them.
      database.exec(`
        INSERT INTO chunk_text (chunk_text) VALUES ('optimize');
        INSERT INTO log_text (log_text) VALUES ('optimize');
        VACUUM;
        PRAGMA wal_checkpoint(TRUNCATE);
      `);
    },
  };
}
