import type { DatabaseSync } from "node:sqlite";
import type { OutboundEvent } from "../reply.ts";

/** Messages that put a question to a person and wait for a decision; a row is there only as long as it is open. */
export interface Questions {
  /** Written down before it leaves, with the fixed id under which it leaves. */
  open(question: NewOpenQuestion): number;
  /** Decided, expired or withdrawn. */
  close(id: number): void;
  /** What a program that was ended has left open. */
  left(channel: string, agent: string): OpenQuestion[];
}

export interface NewOpenQuestion {
  channel: string;
  agent: string;
  conversation: string;
  transaction: string;
  event: OutboundEvent;
}

export interface OpenQuestion extends NewOpenQuestion {
  id: number;
}

export function createQuestions(database: DatabaseSync): Questions {
  const insert = database.prepare(
    "INSERT INTO question (channel, agent, conversation, txn, event) VALUES (?, ?, ?, ?, ?)",
  );
  const remove = database.prepare("DELETE FROM question WHERE id = ?");
  const left = database.prepare("SELECT * FROM question WHERE channel = ? AND agent = ? ORDER BY id");

  return {
    open: ({ channel, agent, conversation, transaction, event }) =>
      Number(insert.run(channel, agent, conversation, transaction, JSON.stringify(event)).lastInsertRowid),
    close: (id) => void remove.run(id),
    left: (channel, agent) =>
      left.all(channel, agent).map((row) => {
        const { id, conversation, txn, event } = row as never;
        return { id, channel, agent, conversation, transaction: txn, event: JSON.parse(event) };
      }),
  };
}
