import { beforeEach, describe, expect, it } from "vitest";
import type { NewEntry } from "../../src/store/log.ts";
import type { Session } from "../../src/store/sessions.ts";
import type { Store } from "../../src/store/store.ts";
import { temporaryStore } from "../support/temporary.ts";

let store: Store;
let session: Session;
beforeEach(() => {
  store = temporaryStore();
  session = store.sessions.current("main", "here");
});

function entry(text: string, changes: Partial<NewEntry> = {}): NewEntry {
  return {
    ...{ session: session.id, run: 1, at: new Date("2026-11-20T10:00:00Z"), role: "user" },
    ...{ sender: "owner", origin: "owner", text },
    ...changes,
  };
}
const read = (from = 0) => [...store.log.newestFirst(session.id, from)];
const texts = (entries: Iterable<{ text: string }>) => [...entries].map(({ text }) => text);

describe("the log", () => {
  it("gives back each entry as it was said, with what the model said in full", () => {
    const content = {
      role: "assistant",
      content: [{ type: "tool-call", toolCallId: "1", input: { n: 1.5, no: null } }],
    };
    const said = entry("Zürich: 雨 ☔\n\ttomorrow\0", {
      role: "assistant",
      origin: "derived",
      run: undefined,
      content,
    });
    store.log.append([said]);
    expect(read()).toEqual([{ ...said, id: expect.any(Number) }]);
  });

  it("is read from the newest back, down to where the view begins, however long it is", () => {
    store.log.append(Array.from({ length: 240 }, (_, index) => entry(`${index}`)));
    const all = read();
    expect(texts(all)).toEqual(Array.from({ length: 240 }, (_, index) => `${239 - index}`));
    expect(texts(read(all[99]?.id))).toEqual(texts(all).slice(0, 100));
    expect(texts(read(all[49]?.id))).toEqual(texts(all).slice(0, 50));
  });

  it("may be read by two at once, left off in the middle, and written to meanwhile", () => {
    store.log.append(Array.from({ length: 60 }, (_, index) => entry(`${index}`)));
    const [one, other] = [store.log.newestFirst(session.id, 0), store.log.newestFirst(session.id, 0)];
    expect(one.next().value?.text).toBe("59");
    expect(other.next().value?.text).toBe("59");
    store.log.append([entry("new")]);
    expect(texts(one)).toEqual(texts(other));
    expect(texts(read())[0]).toBe("new");
  });

  it("keeps sessions and runs apart", () => {
    const next = store.sessions.begin("main", "here");
    store.log.append([entry("old", { run: 1 }), entry("new", { session: next.id, run: 2 }), entry("more", { run: 1 })]);
    expect(texts(read())).toEqual(["more", "old"]);
    expect(texts(store.log.ofRun(session.id, 1))).toEqual(["old", "more"]);
    expect(texts(store.log.ofRun(next.id, 1))).toEqual([]);
  });

  it("takes a step whole or not at all", () => {
    const broken = entry("result", { role: "tool", content: { size: 1n } }); // JSON has no such number.
    expect(() => store.log.append([entry("call", { role: "assistant" }), broken])).toThrow(TypeError);
    expect(() => store.log.append([entry("fine"), entry("of no session", { session: 99 })])).toThrow(/FOREIGN KEY/);
    expect(read()).toEqual([]);
    expect(store.memory("main").said.next(5)).toEqual([]);
  });
});
