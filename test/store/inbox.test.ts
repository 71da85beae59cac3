import { beforeEach, describe, expect, it } from "vitest";
import type { NewMessage } from "../../src/store/inbox.ts";
import type { Store } from "../../src/store/store.ts";
import { temporaryStore } from "../support/temporary.ts";

let store: Store;
beforeEach(() => {
  store = temporaryStore();
});

function message(changes: Partial<NewMessage> = {}): NewMessage {
  return {
    ...{ channel: "matrix", agent: "main", event: "$1", conversation: "!room", sender: "@ada", origin: "owner" },
    ...{ text: "hello", at: new Date("2026-11-20T10:00:00Z") },
    ...changes,
  };
}
const add = (changes?: Partial<NewMessage>) => store.inbox.add(message(changes)) as number;

describe("the inbox", () => {
  it("takes a message once, however often the homeserver sends it", () => {
    expect(add()).toBeGreaterThan(0);
    expect(store.inbox.add(message())).toBeUndefined();
    expect(store.inbox.add(message({ text: "the same event with other words" }))).toBeUndefined();
    expect(store.inbox.open("matrix").map(({ text }) => text)).toEqual(["hello"]);
  });

  it("knows a message that was answered long ago", () => {
    store.inbox.done([add()]);
    expect(store.inbox.add(message())).toBeUndefined();
    expect(store.inbox.open("matrix")).toEqual([]);
  });

  it("gives each agent in a room its own", () => {
    expect(add({ agent: "main" })).not.toBe(add({ agent: "gardener" }));
    expect(add({ channel: "cli" })).toBeGreaterThan(0);
    expect(store.inbox.open("matrix").map(({ agent }) => agent)).toEqual(["main", "gardener"]);
  });

  it("gives back what is open as it came, in the order in which it came", () => {
    const late = add({ event: "$late", at: new Date("2026-11-20T12:00:00Z"), text: "Grüße 🌱\n“zwei” Zeilen" });
    const early = add({ event: "$early", at: new Date("2026-11-20T09:00:00Z") });
    expect(store.inbox.open("matrix")).toEqual([
      {
        ...message({ event: "$late", at: new Date("2026-11-20T12:00:00Z"), text: "Grüße 🌱\n“zwei” Zeilen" }),
        id: late,
        run: undefined,
      },
      { ...message({ event: "$early", at: new Date("2026-11-20T09:00:00Z") }), id: early, run: undefined },
    ]);
  });

  it("remembers which run works on a message", () => {
    const run = store.runs.begin(store.sessions.current("main", "!room").id);
    const ids = [add({ event: "$1" }), add({ event: "$2" })];
    add({ event: "$3" });
    store.inbox.assign(ids, run.id);
    expect(store.inbox.open("matrix").map((row) => row.run)).toEqual([run.id, run.id, undefined]);
    store.inbox.done(ids);
    expect(store.inbox.open("matrix").map(({ event }) => event)).toEqual(["$3"]);
  });
});
