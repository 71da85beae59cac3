import { mkdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { silent } from "../../src/log.ts";
import { describeRecollection, type Memory, type MemoryQuery } from "../../src/memory/memory.ts";
import { openMemory } from "../../src/memory/open-memory.ts";
import { openFolder } from "../../src/sandbox/folder.ts";
import type { NewEntry } from "../../src/store/log.ts";
import type { Store } from "../../src/store/store.ts";
import { type Clock, clockAt, temporaryFolder, temporaryStore } from "../support/temporary.ts";

const timezone = "Europe/Berlin";
let clock: Clock;
let store: Store;
let workspace: string;
let memory: Memory;
beforeEach(async () => {
  clock = clockAt("2026-11-20T10:00:00Z");
  store = temporaryStore(clock.now);
  workspace = temporaryFolder();
  memory = await memoryOf("main", workspace);
});

async function memoryOf(agent: string, workspace: string): Promise<Memory> {
  const folder = await openFolder(workspace);
  return openMemory({
    folder,
    directory: workspace,
    tables: store.memory(agent),
    timezone,
    now: clock.now,
    log: silent,
  });
}
function say(text: string, changes: Partial<NewEntry> = {}, agent = "main"): void {
  const session = store.sessions.current(agent, "here").id;
  const fixed = { session, run: 1, at: clock.now(), role: "user", sender: "owner", origin: "owner" } as const;
  store.log.append([{ ...fixed, text, ...changes }]);
}
const note = (text: string, day = "2026-11-20") =>
  memory.journal.append({ day, section: "Notes", text, origin: "agent" });
async function byHand(content: string, day = "2026-11-20"): Promise<string> {
  const path = join(workspace, "memory", `${day}.md`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}
const search = (query: Partial<MemoryQuery>) => memory.search({ limit: 8, ...query });
const texts = async (query: Partial<MemoryQuery>) =>
  (await search(query)).flatMap(({ lines }) => lines.map(({ text }) => text));

describe("a search of the memory", () => {
  it("finds what was said and what was written, the best of each in turn", async () => {
    for (const text of ["the boat, the lake", "a boat", "no vessel"]) say(text);
    await note("Boat on the lake.");
    await note("Mentioned a boat.");
    const hits = await search({ text: "boat lake" });
    expect(hits.map(({ source }) => source)).toEqual(["journal", "conversation", "journal", "conversation"]);
    expect(hits[0]?.text).toBe("11:00 Boat on the lake.");
    expect(hits[1]?.text).toBe("the boat, the lake");
    expect(await texts({ text: "boat lake", limit: 3 })).toHaveLength(3);
  });

  it("says of each when it was, in the owner's time, who said it and where it stands", async () => {
    clock.set("2026-11-19T23:30:00Z");
    say("the boat is at the pier");
    await memory.journal.append({ day: "2026-11-18", section: "Decisions", text: "Sell the boat.", origin: "web" });
    const [written, said] = await search({ text: "boat" });
    expect(said).toMatchObject({
      day: "2026-11-20",
      time: "00:30",
      who: "owner",
      origin: "owner",
      source: "conversation",
    });
    expect(written).toMatchObject({ day: "2026-11-18", who: "Decisions", origin: "web", source: "journal" });
  });

  it("by dates takes whole days of the owner, the first and the last included", async () => {
    clock.set("2026-10-24T21:59:59Z");
    say("before"); // 23:59:59 in Berlin.
    clock.set("2026-10-24T22:00:00Z");
    say("first second");
    clock.set("2026-10-25T22:59:59Z"); // The day has 25 hours.
    say("last second");
    clock.set("2026-10-25T23:00:00Z");
    say("after");
    for (const day of ["2026-10-24", "2026-10-25", "2026-10-26"]) await byHand(`- written on ${day}`, day);
    expect(await texts({ from: "2026-10-25", to: "2026-10-25" })).toEqual([
      "written on 2026-10-25",
      "last second",
      "first second",
    ]);
    expect(await texts({ text: "before after written", from: "2026-10-26" })).toEqual([
      "written on 2026-10-26",
      "after",
    ]);
    expect(await texts({ text: "before after", to: "2026-10-24" })).toEqual(["before"]);
    expect(await texts({ from: "2026-10-26", to: "2026-10-24" })).toEqual([]);
    expect(await texts({ text: "second", from: "0001-01-01", to: "9999-12-31" })).toHaveLength(2);
  });

  it("does not give the question as its own answer", async () => {
    say("my sister is called Ines", { run: 1 });
    say("what is my sister called?", { run: 2 });
    expect(await texts({ text: "sister", exceptRun: 2 })).toEqual(["my sister is called Ines"]);
  });

  it("never looks into another agent's memory", async () => {
    const other = temporaryFolder();
    const gardener = await memoryOf("gardener", other);
    await gardener.journal.append({ day: "2026-11-20", section: "Notes", text: "the secret shed", origin: "agent" });
    say("the secret key", {}, "gardener");
    await note("my secret");
    expect(await texts({ text: "secret" })).toEqual(["11:00 my secret"]);
    const theirs = await gardener.search({ text: "secret", limit: 8 });
    expect(theirs.map(({ text }) => text)).toEqual(["11:00 the secret shed", "the secret key"]);
    expect(await texts({ text: "secret" })).toEqual(["11:00 my secret"]);
  });

  it("marks what came from outside, line by line", async () => {
    await memory.journal.append({
      day: "2026-11-20",
      section: "Learned",
      text: "Boats fly.\n\nThe owner said so.",
      origin: "web",
    });
    await note("Boats float.");
    const hits = await search({ text: "boats owner" });
    expect(new Map(hits.map(({ text, origin }) => [text.split("\n")[0], origin]))).toEqual(
      new Map([
        ["11:00 (unverified, from outside) Boats fly.", "web"],
        ["11:00 Boats float.", "agent"],
      ]),
    );
  });

  it("cuts what is long, and still finds all of it", async () => {
    say(`${"word ".repeat(2_000)}needle`);
    const [hit] = await search({ text: "needle" });
    expect(hit?.text).toHaveLength(1_000);
    expect(hit?.text.endsWith("…")).toBe(true);
  });

  it.each(["?", "🌱", '"', ""])("for %j without a date is no fault", async (text) => {
    say("something");
    expect(await texts({ text: text || undefined })).toEqual(text ? [] : ["something"]);
  });
});

describe("a journal that is changed outside", () => {
  it("is searched as it is now: edited, added to, taken away", async () => {
    const path = await byHand("## Notes\n\n- the boat\n- the car\n");
    expect(await texts({ text: "boat car" })).toHaveLength(2);
    await byHand("## Notes\n\n- the boat was sold\n");
    expect(await texts({ text: "boat car" })).toEqual(["the boat was sold"]);
    await rm(path);
    expect(await texts({ text: "boat car" })).toEqual([]);
    await byHand("- the car again\n");
    expect(await texts({ text: "boat car" })).toEqual(["the car again"]);
  });

  it("is noticed to be changed by its time alone", async () => {
    const path = await byHand("- one boat\n");
    await utimes(path, 1_700_000_000, 1_700_000_000);
    expect(await texts({ text: "boat" })).toEqual(["one boat"]);
    await writeFile(path, "- two boat\n");
    expect(await texts({ text: "boat" })).toEqual(["two boat"]);
  });

  it("is found again after a restart, without being read anew", async () => {
    await note("the boat");
    await search({ text: "boat" });
    const before = store.memory("main").stamps.all();
    memory = await memoryOf("main", workspace);
    expect(await texts({ text: "boat" })).toEqual(["11:00 the boat"]);
    expect(store.memory("main").stamps.all()).toEqual(before);
  });

  it("is searched by two at once", async () => {
    for (let day = 1; day <= 9; day++) await byHand(`- boat ${day}\n`, `2026-11-0${day}`);
    const both = await Promise.all([texts({ text: "boat", limit: 20 }), texts({ text: "boat", limit: 20 })]);
    expect(both.map((found) => found.length)).toEqual([9, 9]);
    expect(await texts({ text: "boat", limit: 20 })).toHaveLength(9);
  });

  it("stops no search when something in the folder is no journal", async () => {
    await note("the boat");
    await mkdir(join(workspace, "memory/2026-11-01.md"));
    await symlink("/etc/hostname", join(workspace, "memory/2026-11-02.md"));
    await byHand("\0\xff".repeat(100), "2026-11-03");
    expect(await texts({ text: "boat" })).toEqual(["11:00 the boat"]);
  });
});

describe("a recollection", () => {
  it("reads as when, who, the words, and what was said around them", async () => {
    say("where shall we moor?");
    say("At the pier.", { role: "assistant", sender: "Memtrix", origin: "agent" });
    say("no, at the\nisland");
    await note("The boat lies at the island.");
    const [written, said] = await search({ text: "island" });
    expect(written && describeRecollection(written)).toBe(
      "[2026-11-20, journal, Notes] 11:00 The boat lies at the island.",
    );
    expect(said && describeRecollection(said)).toBe(
      "  | owner: where shall we moor?\n  | Memtrix: At the pier.\n[2026-11-20 11:00] owner: no, at the\nisland",
    );
  });
});

describe("the state of the memory", () => {
  it("says how much there is to find", async () => {
    expect((await memory.status()).text).toBe("0 messages and 0 journal days, searched by keyword");
    say("one");
    await note("two");
    expect((await memory.status()).text).toBe("1 message and 1 journal day, searched by keyword");
  });
});
