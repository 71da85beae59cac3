import type { DatabaseSync } from "node:sqlite";

/** What one agent has heard, as far as the guards must know it: the owner's words in every session, and results. */
export interface Heard {
  /**
   * The owner's words that came after the log entry with this id, oldest first; at most some hundreds at once. What was
   * read aloud from their own files is theirs as well.
   */
  ownersWordsAfter(id: number): { id: number; text: string }[];
  /** Entries that may have `text` in them, newest first: the owner's words, and the results of calls in one session. */
  mayHold(text: string, session: number): HeardEntry[];
}

export interface HeardEntry {
  role: "user" | "tool";
  /** Of a result: the tool. */
  sender: string;
  text: string;
  /** Of a result: its call. */
  call: { run: number; id: string; failed: boolean } | undefined;
  origin: string;
}

const pageSize = 500;

export function createHeard(database: DatabaseSync, agent: string): Heard {
  const isOwners = "log.role = 'user' AND log.origin = 'owner'";
  const after = database.prepare(
    `SELECT log.id, log.text FROM log JOIN session ON session.id = log.session
     WHERE log.id > ? AND log.role IN ('user', 'tool') AND log.origin = 'owner' AND session.agent = ? ORDER BY log.id LIMIT ${pageSize}`,
  );
  const byPhrase = database.prepare(
    `SELECT log.role, log.sender, log.text, log.run, log.content, log.origin
     FROM log_text JOIN log ON log.id = log_text.rowid JOIN session ON session.id = log.session
     WHERE log_text MATCH ? AND session.agent = ? AND ((${isOwners}) OR (log.role = 'tool' AND log.session = ?))
     ORDER BY log_text.rowid DESC LIMIT ${pageSize}`,
  );

  return {
    ownersWordsAfter: (id) => after.all(id, agent).map((row) => ({ id: Number(row.id), text: String(row.text) })),
    mayHold(text, session) {
      if (!/[\p{L}\p{N}]/u.test(text)) return [];
      // The same words in a row, however they are parted: the index knows no punctuation.
      return byPhrase.all(`"${text.replaceAll('"', '""')}"`, agent, session).map(heardEntry);
    },
  };
}

function heardEntry(row: Record<string, unknown>): HeardEntry {
  const { role, sender, text, run, content, origin } = row as never;
  const part = role === "tool" && content !== null ? JSON.parse(content) : undefined;
  const call = part && { run, id: part.toolCallId, failed: part.output?.type === "error-text" };
  return { role, sender, text, call, origin };
}
