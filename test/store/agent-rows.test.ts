import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openStore, type Store } from "../../src/store/store.ts";
import { temporaryFolder } from "../support/temporary.ts";

const now = () => new Date("2026-11-20T14:05:00Z");
const words = { cook: "zabaglionequx", "cook-2": "marzipanqux" } as const;
type Id = keyof typeof words;

/** Something in every table that an agent has rows in. */
function live(store: Store, agent: Id): void {
  const text = `the word is ${words[agent]}`;
  const said = {
    channel: "test",
    agent,
    conversation: "test:room",
    sender: "owner",
    origin: "owner",
    text,
    at: now(),
  } as const;
  const inbox = store.inbox.add({ ...said, event: `$${agent}` }) as number;
  const session = store.sessions.current(agent, "test:room");
  const run = store.runs.begin(session.id);
  store.log.append([
    { session: session.id, run: run.id, at: now(), role: "user", sender: "owner", origin: "owner", text },
  ]);
  run.openStep = { message: text, text, derived: false, calls: [] };
  store.runs.save(run);
  store.runs.end(run, "answered");
  store.outbox.add({ channel: "test", agent, conversation: "test:room", events: [{ text }], answers: [inbox] });
  store.questions.open({ ...said, transaction: agent, event: { text } });
  store.rooms.add("test", agent, { id: `!${text}`, kind: "direct", encrypted: true });
  store.settings.set(agent, "home_room", text);
  store.settings.set(`${agent} test:room`, "model", text);
  store.fileOrigins(agent).set(`${text}.md`, "web");
  const { chunks } = store.memory(agent);
  const line = { at: now().getTime(), who: "owner", origin: "owner", text } as const;
  chunks.replace(
    [],
    [{ key: agent, text, lines: [line], from: { day: "2026-11-20" }, vectors: [{ key: agent, line: -1 }] }],
  );
}

const knows = (store: Store, agent: Id) => ({
  log: [...store.log.newestFirst(store.sessions.current(agent, "test:room").id, 0)].length,
  heard: store.heard(agent).mayHold(words[agent], 0).length,
  chunks: store.memory(agent).chunks.matching([words[agent]], 5).length,
  rooms: store.rooms.all("test", agent).length,
  model: store.settings.get(`${agent} test:room`, "model"),
});

describe("what the database has of an agent", () => {
  it("is gone from the file to the last byte, and nothing of another one with it", () => {
    const directory = temporaryFolder();
    using store = openStore(directory, now);
    live(store, "cook");
    live(store, "cook-2");
    const before = knows(store, "cook-2");
    store.agentRows.remove("cook");

    const bytes = ["memtrix.db", "memtrix.db-wal"]
      .map((name) => readFileSync(join(directory, name), "latin1"))
      .join("");
    expect(bytes).not.toContain(words.cook);
    expect(bytes).toContain(words["cook-2"]);
    expect(knows(store, "cook-2")).toEqual(before);
    expect(before).toMatchObject({ log: 1, heard: 1, chunks: 1, rooms: 1 });
    store.agentRows.remove("cook");
  });
});

describe("an agent that is being removed", () => {
  const change = { agent: "cook", kind: "delete", account: undefined, secrets: ["COOK_PASSWORD"] } as const;

  it("begins nothing any more, from the moment that it is written down", () => {
    using store = openStore(temporaryFolder(), now);
    store.agentChanges.begin(change);
    expect(() => store.sessions.current("cook", "test:room")).toThrow("this agent is gone");
    expect(store.agentChanges.former()).toEqual([{ agent: "cook", account: undefined }]);
    expect(store.sessions.current("cook-2", "test:room").agent).toBe("cook-2");
  });

  it("is removed once at a time, and what is left to do is known after a restart", () => {
    const directory = temporaryFolder();
    {
      using store = openStore(directory, now);
      store.agentChanges.begin(change);
      store.agentChanges.step("cook", "removing files");
      expect(() => store.agentChanges.begin({ ...change, kind: "create" })).toThrow();
    }
    using store = openStore(directory, now);
    expect(store.agentChanges.open()).toEqual([{ ...change, step: "removing files" }]);
    store.agentChanges.end("cook");
    expect(store.agentChanges.open()).toEqual([]);
    expect(store.agentChanges.former()).toHaveLength(1);
  });
});
