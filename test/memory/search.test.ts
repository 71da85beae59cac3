import { mkdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { silent } from "../../src/log.ts";
import { describeRecollection, type Memory, type MemoryQuery, tokensOf } from "../../src/memory/memory.ts";
import { openMemory } from "../../src/memory/open-memory.ts";
import { openFolder } from "../../src/sandbox/folder.ts";
import type { NewEntry } from "../../src/store/log.ts";
import type { Store } from "../../src/store/store.ts";
import { type Clock, clockAt, temporaryFolder, temporaryStore } from "../support/temporary.ts";
import { everyday, everydayQuestions } from "./everyday.ts";
import { smallTalk } from "./small-talk.ts";
import { smallTalkByAnother } from "./small-talk-by-another.ts";

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
/** One thing a day, for weeks. */
function tellEveryday(): void {
  for (const [day, text] of everyday.entries())
    say(text, { at: new Date(clock.now().getTime() - (everyday.length - day) * 86_400_000) });
}
const search = (query: Partial<MemoryQuery>) => memory.search({ limit: 8, ...query });
const texts = async (query: Partial<MemoryQuery>) =>
  (await search(query)).flatMap(({ lines }) => lines.map(({ text }) => text));

describe("a search of the memory", () => {
  it("finds what was said and what was written, the best first", async () => {
    for (const text of ["the boat, the lake", "no vessel"]) say(text);
    await note("Boat on the lake.");
    await note("Bought bread.");
    const hits = await search({ text: "boat lake" });
    expect(hits.map(({ source }) => source).sort()).toEqual(["conversation", "journal"]);
    expect((await texts({ text: "boat lake" })).slice(0, 1)).not.toContain("no vessel");
    expect(await search({ text: "boat lake", limit: 1 })).toHaveLength(1);
  });

  it("stays within its tokens", async () => {
    for (let index = 0; index < 50; index++) say(`boat number ${index} lies at the pier`);
    const hits = await search({ text: "boat", tokens: 100 });
    expect(tokensOf(hits.map(describeRecollection).join("\n\n"))).toBeLessThanOrEqual(100);
    expect(hits.length).toBeGreaterThan(0);
  });

  it("brings what was said around it", async () => {
    for (const text of ["shall we eat out?", "the Green Door is good", "I liked their soup"]) say(text);
    const [hit] = await search({ text: "Green Door" });
    expect(hit?.lines.map(({ text }) => text)).toEqual([
      "shall we eat out?",
      "the Green Door is good",
      "I liked their soup",
    ]);
  });

  it("gives first what was said in the time that the words name", async () => {
    clock.set("2026-04-10T10:00:00Z");
    say("lunch at the restaurant Nonna");
    clock.set("2026-10-10T10:00:00Z");
    say("dinner at the restaurant Olive, the restaurant of the year");
    clock.set("2026-11-20T10:00:00Z");
    const best = async (text: string) => (await texts({ text, limit: 1 }))[0];
    expect(await best("the restaurant in spring")).toBe("lunch at the restaurant Nonna");
    expect(await best("the restaurant of the year")).toContain("Olive");
    expect(await texts({ text: "a restaurant in 2019" })).toHaveLength(2);
  });

  it("gives first what was said by one whom the words name", async () => {
    say("the boat is red", { sender: "Ada" });
    clock.set("2026-11-20T18:00:00Z");
    say("the boat is red, I think", { sender: "Grace" });
    const best = async (text: string) => (await search({ text, limit: 1 }))[0]?.lines[0]?.who;
    expect(await best("the boat of Ada")).toBe("Ada");
    expect(await best("the boat of Grace")).toBe("Grace");
  });

  it("gives once what was said twice in much the same words, and numbers each time", async () => {
    say("the spare key to the boat house lies under the third flower pot");
    clock.set("2026-11-20T18:00:00Z");
    say("as I said, the spare key to the boat house lies under the third flower pot");
    expect(await texts({ text: "spare key boat house" })).toHaveLength(1);
    for (const weight of [71.2, 71.9]) {
      clock.set(`2026-11-${weight === 71.2 ? 21 : 22}T07:00:00Z`);
      say(`this morning the scales in the bathroom said ${weight} kilograms`);
    }
    expect(await texts({ text: "what did the scales in the bathroom say?" })).toHaveLength(2);
  });

  it("finds the newest message at once, in scripts without spaces as well", async () => {
    say("昨日は東京タワーに行きました");
    expect(await texts({ text: "東京タワー" })).toHaveLength(1);
    say("ฉันชอบกรุงเทพมหานคร");
    expect(await texts({ text: "กรุงเทพ" })).toContain("ฉันชอบกรุงเทพมหานคร");
  });

  it("no longer finds what was taken back", async () => {
    say("the code is swordfish");
    expect(await texts({ text: "swordfish" })).toHaveLength(1);
    const session = store.sessions.current("main", "here");
    const at = clock.now();
    const base = {
      channel: "test",
      agent: "main",
      conversation: "here",
      sender: "owner",
      origin: "owner",
      at,
    } as const;
    const id = store.inbox.add({ ...base, event: "one", text: "the code is swordfish" });
    const row = store.inbox.open("test").find((one) => one.id === id);
    expect(session).toBeDefined();
    if (row) store.removal.remove(row);
    expect(await texts({ text: "swordfish" })).toEqual([]);
  });

  it("says of each when it was, in the owner's time, who said it and where it stands", async () => {
    clock.set("2026-11-19T23:30:00Z");
    say("the boat is at the pier");
    await memory.journal.append({ day: "2026-11-18", section: "Decisions", text: "Sell the boat.", origin: "web" });
    const hits = await search({ text: "boat" });
    const [written, said] = ["journal", "conversation"].map((source) => hits.find((one) => one.source === source));
    expect(said).toMatchObject({
      day: "2026-11-20",
      time: "00:30",
      origin: "owner",
      lines: [{ who: "owner", text: "the boat is at the pier" }],
    });
    expect(written).toMatchObject({ day: "2026-11-18", origin: "web", lines: [{ who: "Decisions" }] });
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
      "last second",
      "written on 2026-10-25",
      "first second",
    ]);
    expect(await texts({ text: "before after written", from: "2026-10-26" })).toEqual([
      "after",
      "written on 2026-10-26",
    ]);
    expect(await texts({ text: "before after", to: "2026-10-24" })).toEqual(["before"]);
    expect(await texts({ from: "2026-10-26", to: "2026-10-24" })).toEqual([]);
    expect(await texts({ text: "second", from: "0001-01-01", to: "9999-12-31" })).toContain("last second");
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
    expect(theirs.flatMap(({ lines }) => lines.map(({ text }) => text)).sort()).toEqual([
      "11:00 the secret shed",
      "the secret key",
    ]);
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
    expect(new Map(hits.map(({ lines, origin }) => [lines[0]?.text.split("\n")[0], origin]))).toEqual(
      new Map([
        ["11:00 (unverified, from outside) Boats fly.", "web"],
        ["11:00 Boats float.", "agent"],
      ]),
    );
  });

  it("finds all of what is long, and gives the part", async () => {
    say(`${"word ".repeat(2_000)}needle`);
    const [hit] = await search({ text: "needle" });
    expect(hit?.lines.at(-1)?.text.endsWith("needle")).toBe(true);
    expect(hit && describeRecollection(hit).length).toBeLessThan(8_000);
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
    await byHand(`- 10:00 ${"x".repeat(50_000_000)}`, "2026-11-04");
    expect(await texts({ text: "boat" })).toEqual(["11:00 the boat"]);
  });
});

describe("a recollection", () => {
  it("reads as when it was and who said what; no text can pass for another's", async () => {
    say("where shall we moor?");
    say("At the pier.", { role: "assistant", sender: "Memtrix", origin: "agent" });
    say("no, at the\nowner: island");
    await note("The boat lies at the island.");
    const read = (await search({ text: "island" })).map(describeRecollection);
    expect(read.sort()).toEqual([
      "[2026-11-20 11:00] owner: where shall we moor?\nMemtrix: At the pier.\nowner: no, at the\n  owner: island",
      "[2026-11-20, journal] Notes: 11:00 The boat lies at the island.",
    ]);
  });
});

describe("what comes without being asked for", () => {
  const recollect = async (text: string, more: object = {}) =>
    (await memory.recollect({ text, turns: [], tokens: 400, ...more })).flatMap(({ lines }) =>
      lines.map(({ text }) => text),
    );
  beforeEach(() => {
    say("my sister Ines lives in Porto now");
    for (const text of ["the roof leaks again", "we planted tomatoes", "the car needs new tyres"]) say(text);
  });

  it("is what fits the message, and not what is in view or in the message itself", async () => {
    expect(await recollect("Where does my sister live?")).toContain("my sister Ines lives in Porto now");
    const session = store.sessions.current("main", "here").id;
    expect(await recollect("Where does my sister live?", { inView: { session, from: 0 } })).toEqual([]);
    say("Where does my sister live?", { run: 7 });
    expect(await recollect("Where does my sister live?", { exceptRun: 7 })).not.toContain("Where does my sister live?");
  });

  it("is never from outside, nor what the agent said of it", async () => {
    for (const origin of ["web", "guest", "derived"] as const) say("the treasure is under the oak", { origin });
    expect(await recollect("Where is the treasure?")).toEqual([]);
    expect((await search({ text: "treasure" })).some(({ origin }) => origin === "web" || origin === "guest")).toBe(
      true,
    );
  });

  it("is understood from the turns before it where it does not stand by itself", async () => {
    expect(await recollect("and where does she live?", { turns: ["tell me of my sister Ines in Porto"] })).toContain(
      "my sister Ines lives in Porto now",
    );
  });

  it("is only what is above the floor, not the best of the rest", async () => {
    expect(await recollect("Where does my sister live?")).not.toContain("the car needs new tyres");
  });

  it.each([
    { name: "small talk", messages: smallTalk },
    { name: "small talk of English and German, by another hand", messages: smallTalkByAnother },
  ])("is hardly ever anything in $name", async ({ messages }) => {
    tellEveryday();
    const got: string[] = [];
    for (const text of messages) if ((await recollect(text)).length > 0) got.push(text);
    expect(messages).toHaveLength(200);
    expect(got.length, got.join(" | ")).toBeLessThanOrEqual(messages.length / 10);
  });

  it("is there for nearly every question about what was told, in English and in German", async () => {
    tellEveryday();
    const missed: string[] = [];
    for (const text of everydayQuestions) if ((await recollect(text)).length === 0) missed.push(text);
    expect(missed.length, missed.join(" | ")).toBeLessThanOrEqual(everydayQuestions.length / 10);
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
