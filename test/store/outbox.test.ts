import { setImmediate } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import type { Store } from "../../src/store/store.ts";
import { temporaryStore } from "../support/temporary.ts";

let store: Store;
beforeEach(() => {
  store = temporaryStore();
});

function add(...texts: string[]): void {
  addTo("cli", ...texts);
}
function addTo(channel: string, ...texts: string[]): void {
  const events = texts.map((text) => ({ text }));
  store.outbox.add({ channel, agent: "main", conversation: "here", events, answers: [4, 5] });
}
const texts = (channel = "cli") => store.outbox.waiting(channel).map(({ event }) => event.text);

describe("the outbox", () => {
  it("gives what waits, oldest first, each with an id of its own that stays", () => {
    add("one", "two");
    add("three");
    addTo("matrix", "elsewhere");
    const rows = store.outbox.waiting("cli");
    expect(rows.map(({ event }) => event)).toEqual([{ text: "one" }, { text: "two" }, { text: "three" }]);
    expect(new Set(rows.map(({ transaction }) => transaction)).size).toBe(3);
    expect(rows[0]?.answers).toEqual([4, 5]);
    expect(store.outbox.waiting("cli")).toEqual(rows);
  });

  it("forgets what has reached the person, whatever its place", () => {
    add("one", "two", "three");
    store.outbox.sent(store.outbox.waiting("cli")[1]?.id as number);
    expect(texts()).toEqual(["one", "three"]);
  });

  it("keeps what takes a row's place before what was added after it", () => {
    add("long", "next");
    const [long, next] = store.outbox.waiting("cli");
    store.outbox.replace(long?.id as number, [{ text: "lo" }, { text: "ng" }]);
    expect(texts()).toEqual(["lo", "ng", "next"]);
    store.outbox.replace(store.outbox.waiting("cli")[0]?.id as number, [{ text: "l" }, { text: "o" }]);
    add("last");
    expect(texts()).toEqual(["l", "o", "ng", "next", "last"]);
    expect(store.outbox.waiting("cli")[3]?.transaction).toBe(next?.transaction);
  });

  it("takes an answer whole or not at all", () => {
    const events = [{ text: "fine" }, { text: 1n }]; // JSON has no such number.
    const answer = { channel: "cli", agent: "main", conversation: "here", events, answers: [] };
    expect(() => store.outbox.add(answer)).toThrow(TypeError);
    expect(texts()).toEqual([]);
  });
});

describe("a watcher of the outbox", () => {
  let heard: unknown[][];
  let unwatch: () => void;
  beforeEach(() => {
    heard = [];
    unwatch = store.outbox.watch("cli", () => heard.push(texts()));
  });

  it("hears of an answer when it is stored, with all that was stored beside it", async () => {
    store.transaction(() => {
      add("answer");
      add("its second part");
    });
    expect(heard).toEqual([]);
    await setImmediate();
    expect(heard).toEqual([
      ["answer", "its second part"],
      ["answer", "its second part"],
    ]);
  });

  it("hears nothing of what was taken back", async () => {
    const work = () => {
      add("never");
      throw new Error("disk full");
    };
    expect(() => store.transaction(work)).toThrow("disk full");
    await setImmediate();
    expect(heard).toEqual([]);
    add("later");
    await setImmediate();
    expect(heard).toEqual([["later"]]);
  });

  it("hears of its own channel only, and nothing once it has left", async () => {
    addTo("matrix", "elsewhere");
    await setImmediate();
    unwatch();
    add("too late");
    await setImmediate();
    expect(heard).toEqual([]);
  });

  it("may watch two channels with the same function, and leave one of them", async () => {
    const count = { calls: 0 };
    const onAdded = () => count.calls++;
    const leave = store.outbox.watch("matrix", onAdded);
    store.outbox.watch("cli", onAdded);
    leave();
    addTo("matrix", "unheard");
    add("heard");
    await setImmediate();
    expect(count.calls).toBe(1);
  });
});
