import { describe, expect, it } from "vitest";
import { openStore } from "../../src/store/store.ts";
import { temporaryFolder, temporaryStore } from "../support/temporary.ts";

const clean = { origin: "agent" as const, text: "Ada wants blue tiles.", taints: [], marker: "a1" };
const foreign = { origin: "web" as const, text: "Bob sells tiles.", taints: ["the words of Bob"], marker: "b2" };

describe("a summary", () => {
  it("holds for its session until there is a later one, over a restart too", () => {
    const folder = temporaryFolder();
    const now = () => new Date("2026-11-20T14:05:00Z");
    {
      using store = openStore(folder, now);
      const session = store.sessions.current("main", "here").id;
      expect(store.summaries.current(session)).toBeUndefined();
      store.summaries.add({ session, from: 1, until: 20, spans: [clean] });
      store.summaries.add({ session, from: 1, until: 40, spans: [clean, foreign] });
    }
    using store = openStore(folder, now);
    const session = store.sessions.current("main", "here").id;
    expect(store.summaries.current(session)).toEqual({
      ...{ session, from: 1, until: 40, at: now() },
      spans: [clean, foreign],
    });
    expect(store.summaries.current(store.sessions.begin("main", "here").id)).toBeUndefined();
  });

  it("gives way to the one before it when words that it stands for are taken back", () => {
    const { log, sessions, summaries, inbox, removal } = temporaryStore();
    const session = sessions.current("main", "here").id;
    const said = { channel: "cli", agent: "main", conversation: "here", sender: "Ada", origin: "owner" as const };
    for (const text of ["one", "two", "three"]) {
      const at = new Date(`2026-11-20T14:0${text.length}:00Z`);
      inbox.add({ ...said, event: text, text, at });
      log.append([{ session, run: 1, at, role: "user", sender: "Ada", origin: "owner", text }]);
    }
    summaries.add({ session, from: 1, until: 2, spans: [clean] });
    summaries.add({ session, from: 1, until: 3, spans: [clean, foreign] });
    const second = inbox.get(2);
    if (!second) throw new Error("There is no second message.");
    removal.remove(second);
    expect(summaries.current(session)).toMatchObject({ until: 2, spans: [clean] });
  });

  it("remembers up to where the agent has written down what matters", () => {
    const { sessions, summaries } = temporaryStore();
    const session = sessions.current("main", "here").id;
    expect(summaries.notedUntil(session)).toBe(0);
    summaries.setNotedUntil(session, 17);
    expect(summaries.notedUntil(session)).toBe(17);
  });
});
