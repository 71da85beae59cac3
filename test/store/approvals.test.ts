import { beforeEach, describe, expect, it } from "vitest";
import type { Store } from "../../src/store/store.ts";
import { temporaryStore } from "../support/temporary.ts";

let store: Store;
let run: number;
beforeEach(() => {
  store = temporaryStore();
  run = begin();
});
const begin = () => store.runs.begin(store.sessions.current("main", "here").id).id;
const open = (call: string, ofRun = run) =>
  store.approvals.open({ run: ofRun, call, tool: "delete_file", argumentsHash: "ab", question: `Delete ${call}?` });

describe("open questions", () => {
  it("are withdrawn when the run is taken up again, and each once", () => {
    open("a");
    open("b");
    expect(store.approvals.withdraw(run)).toEqual([
      { call: "a", question: "Delete a?" },
      { call: "b", question: "Delete b?" },
    ]);
    expect(store.approvals.withdraw(run)).toEqual([]);
  });

  it("of another run stay, and so do those that are settled", () => {
    const other = begin();
    open("other", other);
    store.approvals.settle(open("yes"), "yes");
    store.approvals.settle(open("no"), "no", "not that one");
    store.approvals.settle(open("late"), "expired");
    expect(store.approvals.withdraw(run)).toEqual([]);
    expect(store.approvals.withdraw(other)).toHaveLength(1);
  });

  it("are not opened again by an answer that comes too late", () => {
    const question = open("a");
    store.approvals.withdraw(run);
    store.approvals.settle(question, "yes");
    expect(store.approvals.withdraw(run)).toEqual([]);
  });
});
