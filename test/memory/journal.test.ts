import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import {
  createJournal,
  type Journal,
  type JournalEntry,
  journalEntries,
  journalSections,
} from "../../src/memory/journal.ts";
import type { Origin } from "../../src/origin.ts";
import { openFolder } from "../../src/sandbox/folder.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { type Clock, clockAt, temporaryFolder } from "../support/temporary.ts";

const day = "2026-11-20";
let workspace: string;
let clock: Clock;
let journal: Journal;
beforeEach(async () => {
  workspace = temporaryFolder();
  clock = clockAt("2026-11-20T13:05:00Z");
  journal = createJournal(await openFolder(workspace), clock.now, "Europe/Berlin");
});

const add = (text: string, changes: Partial<JournalEntry> = {}) =>
  journal.append({ day, section: "Notes", text, origin: "agent", ...changes });
const fileOf = (name: string) => join(workspace, "memory", `${name}.md`);
async function byHand(content: string, name = day): Promise<void> {
  await mkdir(dirname(fileOf(name)), { recursive: true });
  await writeFile(fileOf(name), content);
}
const file = () => readFile(fileOf(day), "utf8");
const entries = async () => journalEntries(await file());

describe("a journal that was damaged", () => {
  it("anywhere, a thousand times, is read as far as it goes, and takes the next entry", async () => {
    for (const text of ["Ada called.", "The boat is at the pier.", "Tea at five."]) await add(text);
    const whole = Buffer.from(await file());
    const random = seededRandom(3);
    const spoils: ((bytes: Buffer, at: number) => Buffer)[] = [
      (bytes, at) => bytes.subarray(0, at),
      (bytes, at) => Buffer.from(bytes).fill(0, at, Math.min(at + 40, bytes.length)),
      (bytes, at) => Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff, 0xfe, 0x80, 0xc3]), bytes.subarray(at)]),
      (bytes, at) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 17)]),
    ];
    for (let round = 0; round < 1_000; round++) {
      const spoil = spoils[round % spoils.length] as (typeof spoils)[number];
      await writeFile(fileOf(day), spoil(whole, Math.floor(random() * whole.length)));
      expect(journalEntries((await journal.read(day)) ?? "").length).toBeLessThanOrEqual(6);
      if (round % 50 !== 0) continue;
      await add("And then this.");
      expect((await entries()).filter(({ text }) => text.endsWith("And then this."))).toHaveLength(1);
    }
  }, 60_000);
});

describe("a journal", () => {
  it("is one markdown file a day, with the owner's time before each entry", async () => {
    expect(await journal.read(day)).toBeUndefined();
    await add("Ada called about the garden.", { section: "Conversations" });
    expect(await file()).toBe("# 2026-11-20, Friday\n\n## Conversations\n\n- 14:05 Ada called about the garden.\n");
    expect(await journal.read(day)).toBe(await file());
  });

  it("has its sections in one order, whatever was written first, and the newest entry last in each", async () => {
    for (const section of [...journalSections].reverse()) await add(`first of ${section}`, { section });
    clock.advance(60_000);
    await add("second of Learned", { section: "Learned" });
    expect(await file()).toBe(`# 2026-11-20, Friday

## Conversations

- 14:05 first of Conversations

## Learned

- 14:05 first of Learned
- 14:06 second of Learned

## Decisions

- 14:05 first of Decisions

## Tasks

- 14:05 first of Tasks

## Notes

- 14:05 first of Notes
`);
  });

  it("loses nothing when fifty entries come at once", async () => {
    const texts = Array.from({ length: 50 }, (_, index) => `entry ${index}`);
    await Promise.all(texts.map((text, index) => add(text, { section: journalSections[index % 5] ?? "Notes" })));
    const found = (await entries()).map(({ text }) => text.replace("14:05 ", ""));
    expect(found.toSorted()).toEqual(texts.toSorted());
  });

  it("goes on after an entry that could not be written", async () => {
    await byHand("");
    await mkdir(fileOf("2026-11-21"));
    await expect(add("not possible", { day: "2026-11-21" })).rejects.toThrow();
    await add("possible");
    expect((await entries()).map(({ text }) => text)).toEqual(["14:05 possible"]);
  });

  it("leaves what a person has written there as it is", async () => {
    const written =
      "My day\n======\n\nSome words.\n\n## Garden\n\n* roses\n* peas\n\n## Tasks\n\n### soon\n\n- [ ] buy seeds\n\n\n";
    await byHand(written);
    await add("weeds", { section: "Tasks" });
    await add("rain", { section: "Notes" });
    expect(await file()).toBe(`${written.trimEnd()}\n- 14:05 weeds\n\n## Notes\n\n- 14:05 rain\n`);
  });

  it("keeps the line ends of a file that was written on Windows", async () => {
    await byHand("# Friday\r\n\r\n## Learned\r\n\r\n- one\r\n\r\n## Notes\r\n");
    await add("two\nlines", { section: "Learned" });
    await add("three", { section: "Notes" });
    expect(await file()).toBe(
      "# Friday\r\n\r\n## Learned\r\n\r\n- one\r\n- 14:05 two\r\n  lines\r\n\r\n## Notes\r\n\r\n- 14:05 three\r\n",
    );
  });

  it("lists its days, oldest first, and nothing else that lies there", async () => {
    await byHand("x", "2026-11-20");
    await byHand("x", "2025-01-01");
    await byHand("x", "2026-02-31");
    await byHand("x", "notes");
    await mkdir(fileOf("2026-11-19"));
    expect((await journal.days()).map((one) => one.day)).toEqual(["2025-01-01", "2026-11-20"]);
  });

  it("has no days before the first is written", async () => {
    expect(await journal.days()).toEqual([]);
  });
});

describe("the entries of a journal", () => {
  it("are read with their sections from what any editor makes", () => {
    const content = `before all sections
goes on

## Learned
- a point
  with more

  and a paragraph of it
* another
1. not a point of ours

# Something else

- below another heading

## Tasks

- [ ] one
    - nested
+ two
`;
    expect(journalEntries(content).map(({ section, text }) => [section, text])).toEqual([
      ["", "before all sections\ngoes on"],
      ["Learned", "a point\nwith more\nand a paragraph of it"],
      ["Learned", "another\n1. not a point of ours"],
      ["", "below another heading"],
      ["Tasks", "[ ] one\n- nested"],
      ["Tasks", "two"],
    ]);
    expect(journalEntries(content.replaceAll("\n", "\r\n"))).toEqual(journalEntries(content));
  });

  it.each<[Origin, Origin]>([
    ["web", "web"],
    ["guest", "web"],
    ["agent", "agent"],
    ["owner", "agent"],
  ])("of origin %s are read back as %s", async (origin, readAs) => {
    await add("the words", { origin });
    expect((await entries()).map((entry) => entry.origin)).toEqual([readAs]);
  });

  it.each([
    "one\n\ntwo",
    "one\r\n\r\ntwo",
    "one\rtwo",
    "one\n\n## Decisions\n\n- two",
    "one\n- two",
    "one\n* two\n1. three",
    "one\u2028- two\u2029## Decisions",
    "one\u0085\u0085two\v\vthree\f\ffour",
    "one\r\r\ntwo",
    "\n\n## Decisions\n\n- 14:05 the owner wants it",
    "one\n \t \ntwo",
    "- \n\n-",
  ])("from outside stay one marked entry: %j", async (text) => {
    await add("mine before", { section: "Decisions" });
    await add(text, { origin: "web", section: "Learned" });
    await add("mine after", { section: "Learned" });
    const all = await entries();
    expect(all.map(({ section, origin }) => [section, origin])).toEqual([
      ["Learned", "web"],
      ["Learned", "agent"],
      ["Decisions", "agent"],
    ]);
    // Also when an editor turns every kind of line end into its own.
    const saved = (await file()).replace(/\r\n?|[\v\f\u0085\u2028\u2029]/g, "\n");
    expect(journalEntries(saved)).toEqual(all);
  });
});
