import { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { createTransactions, type Transactions } from "../../src/store/transactions.ts";

let database: DatabaseSync;
let transactions: Transactions;
beforeEach(() => {
  database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE word (text TEXT)");
  transactions = createTransactions(database);
});

const write = (text: string) => database.prepare("INSERT INTO word VALUES (?)").run(text);
const words = () =>
  database
    .prepare("SELECT text FROM word")
    .all()
    .map(({ text }) => text);
function failing(work: () => void): () => void {
  return () => {
    work();
    throw new Error("no");
  };
}

describe("a transaction", () => {
  it("gives what its work gives", () => {
    expect(transactions.run(() => 7)).toBe(7);
  });

  it("that need not hurry is whole as well, and those after it wait for the disk again", () => {
    const synchronous = () => database.prepare("PRAGMA synchronous").get()?.synchronous;
    database.exec("PRAGMA synchronous = FULL");
    const full = synchronous();
    expect(() => transactions.runUnhurried(failing(() => write("a")))).toThrow("no");
    expect(transactions.runUnhurried(() => write("b").changes)).toBe(1);
    expect(synchronous()).toBe(full);
    transactions.run(() => transactions.runUnhurried(() => write("c")));
    expect(words()).toEqual(["b", "c"]);
  });

  it("stores all of it, or nothing", () => {
    expect(() => transactions.run(failing(() => write("a")))).toThrow("no");
    expect(words()).toEqual([]);
    transactions.run(() => {
      write("b");
      write("c");
    });
    expect(words()).toEqual(["b", "c"]);
  });

  it("holds the ones within it: none is stored when the outermost fails", () => {
    const outer = failing(() => transactions.run(() => transactions.run(() => write("deep"))));
    expect(() => transactions.run(outer)).toThrow("no");
    expect(words()).toEqual([]);
  });

  it("outlives a part that fails, of which nothing stays", () => {
    transactions.run(() => {
      write("first");
      expect(() => transactions.run(failing(() => write("half")))).toThrow("no");
      write("last");
    });
    expect(words()).toEqual(["first", "last"]);
  });

  it("goes on after one that failed", () => {
    expect(() => transactions.run(failing(() => {}))).toThrow("no");
    transactions.run(() => write("again"));
    expect(words()).toEqual(["again"]);
  });
});

describe("what waits for a commit", () => {
  let heard: string[];
  const listen = (name: string) => transactions.afterCommit(() => heard.push(`${name}: ${words()}`));
  beforeEach(() => {
    heard = [];
  });

  it("is called when the outermost transaction is stored, not before", async () => {
    transactions.run(() => {
      transactions.run(() => listen("inner"));
      write("stored");
    });
    expect(heard).toEqual([]);
    await setImmediate();
    expect(heard).toEqual(["inner: stored"]);
  });

  it("is not called when it is taken back", async () => {
    expect(() => transactions.run(failing(() => listen("never")))).toThrow("no");
    transactions.run(() => write("another"));
    await setImmediate();
    expect(heard).toEqual([]);
  });

  it("is not called for a part that was taken back, and is for the rest", async () => {
    transactions.run(() => {
      listen("before");
      expect(() => transactions.run(failing(() => listen("part")))).toThrow("no");
      listen("after");
    });
    await setImmediate();
    expect(heard).toEqual(["before: ", "after: "]);
  });

  it("is called soon where there is no transaction", async () => {
    write("alone");
    listen("here");
    await setImmediate();
    expect(heard).toEqual(["here: alone"]);
  });
});
