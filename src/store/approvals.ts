import type { DatabaseSync } from "node:sqlite";

/** The questions put to people, each for one exact call, and what became of them. */
export interface Approvals {
  open(approval: NewApproval): number;
  /** What became of an open one. One that was withdrawn stays so. */
  settle(id: number, state: "yes" | "no" | "expired", answer?: string): void;
  /** Closes what a killed program left open for this run, and gives it. */
  withdraw(run: number): { call: string; question: string }[];
}

export interface NewApproval {
  run: number;
  call: string;
  tool: string;
  argumentsHash: string;
  question: string;
}

export function createApprovals(database: DatabaseSync, now: () => Date): Approvals {
  const insert = database.prepare(
    "INSERT INTO approval (run, call, tool, arguments_hash, question, asked_at, state) VALUES (?, ?, ?, ?, ?, ?, 'open')",
  );
  const settle = database.prepare("UPDATE approval SET state = ?, answer = ? WHERE id = ? AND state = 'open'");
  const withdraw = database.prepare(
    "UPDATE approval SET state = 'withdrawn' WHERE run = ? AND state = 'open' RETURNING call, question",
  );

  return {
    open: ({ run, call, tool, argumentsHash, question }) =>
      Number(insert.run(run, call, tool, argumentsHash, question, now().getTime()).lastInsertRowid),
    settle: (id, state, answer) => void settle.run(state, answer ?? null, id),
    withdraw: (run) => withdraw.all(run).map((row) => ({ call: String(row.call), question: String(row.question) })),
  };
}
