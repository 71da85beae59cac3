import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** What stands in the database of a home, read without the program's own code. */
export interface StoreSeen {
  /** `ok`, or what SQLite finds wrong. */
  integrity: string;
  log: {
    role: string;
    text: string;
    /** The ids of the calls in what the model said. */
    calls: string[];
    result: { call: string; tool: string } | undefined;
  }[];
  inbox: { id: number; text: string; done: boolean; run: number | null }[];
  outbox: { text: string; sent: boolean; answers: number[] }[];
  runs: { id: number; reason: string | null; attempts: number; openStep: string | null }[];
  approvals: { tool: string; state: string }[];
}

export function readStore(home: string): StoreSeen {
  using database = new DatabaseSync(join(home, "data", "memtrix.db"), { readOnly: true });
  const all = <Row>(sql: string): Row[] => database.prepare(sql).all() as Row[];
  const broken = [
    ...all<{ integrity_check: string }>("PRAGMA integrity_check").map((row) => row.integrity_check),
    ...all("PRAGMA foreign_key_check").map((row) => `a reference to nothing: ${JSON.stringify(row)}`),
  ];
  return {
    integrity: broken.join("; "),
    log: all<{ role: string; text: string; content: string | null }>("SELECT * FROM log ORDER BY id").map(logEntry),
    inbox: all<{ id: number; text: string; run: number | null; done_at: number | null }>(
      "SELECT * FROM inbox ORDER BY id",
    ).map(({ id, text, run, done_at }) => ({ id, text, run, done: done_at !== null })),
    outbox: all<{ event: string; sent_at: number | null; answers: string }>("SELECT * FROM outbox ORDER BY id").map(
      ({ event, sent_at, answers }) => ({
        text: JSON.parse(event).text,
        sent: sent_at !== null,
        answers: JSON.parse(answers),
      }),
    ),
    runs: all("SELECT id, reason, attempts, open_step AS openStep FROM run ORDER BY id"),
    approvals: all("SELECT tool, state FROM approval ORDER BY id"),
  };
}

function logEntry({ role, text, content }: { role: string; text: string; content: string | null }) {
  const parsed: unknown = content === null ? undefined : JSON.parse(content);
  const parts = Array.isArray(parsed) ? parsed : [];
  return {
    ...{ role, text },
    calls: parts.filter(({ type }) => type === "tool-call").map(({ toolCallId }) => toolCallId),
    result: role === "tool" ? resultOf(parsed) : undefined,
  };
}

function resultOf(content: unknown): { call: string; tool: string } {
  const { toolCallId, toolName } = content as { toolCallId: string; toolName: string };
  return { call: toolCallId, tool: toolName };
}
