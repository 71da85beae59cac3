import type { DatabaseSync } from "node:sqlite";

/** Groups what is written: all of it is stored, or nothing. */
export interface Transactions {
  /**
   * Runs `work` in one transaction. Within another one it is a part of that: what a failed part wrote is taken back
   * alone, and the rest is stored when the outermost returns.
   */
  run<T>(work: () => T): T;
  /**
   * The same for what can be made anew: it does not wait for the disk. When the machine itself goes down, the newest of
   * these may be missing, each whole.
   */
  runUnhurried<T>(work: () => T): T;
  /** Calls back soon after the transaction under way is stored, and not at all when it is taken back. */
  afterCommit(callback: () => void): void;
}

export function createTransactions(database: DatabaseSync): Transactions {
  const waiting: (() => void)[] = [];

  function whole<T>(work: () => T): T {
    database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      database.exec("COMMIT");
      waiting.splice(0).forEach(queueMicrotask);
      return result;
    } catch (error) {
      waiting.length = 0;
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  }

  function part<T>(work: () => T): T {
    const waitingBefore = waiting.length;
    database.exec("SAVEPOINT part");
    try {
      const result = work();
      database.exec("RELEASE part");
      return result;
    } catch (error) {
      waiting.length = waitingBefore;
      // A full disk ends the whole transaction by itself.
      if (database.isTransaction) database.exec("ROLLBACK TO part; RELEASE part");
      throw error;
    }
  }

  function unhurried<T>(work: () => T): T {
    database.exec("PRAGMA synchronous = NORMAL");
    try {
      return whole(work);
    } finally {
      database.exec("PRAGMA synchronous = FULL");
    }
  }

  return {
    runUnhurried: (work) => (database.isTransaction ? part(work) : unhurried(work)),
    run: (work) => (database.isTransaction ? part(work) : whole(work)),
    afterCommit(callback) {
      if (database.isTransaction) waiting.push(callback);
      else queueMicrotask(callback);
    },
  };
}
