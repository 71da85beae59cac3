import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { silent } from "../../src/log.ts";
import type { Memory } from "../../src/memory/memory.ts";
import { openMemory } from "../../src/memory/open-memory.ts";
import type { Origin } from "../../src/origin.ts";
import { openFolder } from "../../src/sandbox/folder.ts";
import type { Store } from "../../src/store/store.ts";
import type { ToolOutput } from "../../src/tool.ts";
import readCoreFile from "../../tools/read_core_file.ts";
import readMemoryFile from "../../tools/read_memory_file.ts";
import searchMemory from "../../tools/search_memory.ts";
import writeCoreFile from "../../tools/write_core_file.ts";
import writeMemoryFile from "../../tools/write_memory_file.ts";
import { type Clock, clockAt, temporaryFolder, temporaryStore } from "../support/temporary.ts";

let clock: Clock;
let store: Store;
let workspace: string;
let memory: Memory;
/** What one run has: another run has seen nothing yet. */
let run: ReturnType<typeof newRun>;

beforeEach(async () => {
  clock = clockAt("2026-11-20T23:30:00Z");
  store = temporaryStore(clock.now);
  workspace = temporaryFolder();
  memory = openMemory({
    ...{ folder: await openFolder(workspace), timezone: "Europe/Berlin", now: clock.now },
    ...{ directory: workspace, tables: store.memory("main"), log: silent },
  });
  run = newRun();
});

function newRun(tainted = false) {
  const signal = new AbortController().signal;
  return { memory, tainted, signal, seen: new Map<string, string>(), now: clock.now, timezone: "Europe/Berlin" };
}
const output = (result: string | ToolOutput): ToolOutput => (typeof result === "string" ? { text: result } : result);
const core = (name: string) => readFile(join(workspace, `${name}.md`), "utf8");
const put = (name: string, content: string) => writeFile(join(workspace, `${name}.md`), content);

describe("read_core_file", () => {
  it("gives the file, and how full it is", async () => {
    await put("USER", "# My owner\n\n- Ada\n");
    expect(await readCoreFile.run({ name: "USER" }, run)).toBe(
      "# My owner\n\n- Ada\n\n[This is all of USER.md: 18 of 2500 characters.]",
    );
  });

  it("says of an empty or absent one that it is empty", async () => {
    expect(await readCoreFile.run({ name: "SOUL" }, run)).toMatch(/^\(empty\)\n\[This is all of SOUL\.md: 0 of/);
  });

  it("knows four names and no other", () => {
    expect(readCoreFile.input.safeParse({ name: "AGENT" }).success).toBe(false);
    expect(readCoreFile.input.safeParse({ name: "../USER" }).success).toBe(false);
  });
});

describe("write_core_file", () => {
  it("leaves out the line on the size, which models copy", async () => {
    const { text } = output(await readCoreFile.run({ name: "USER" }, run));
    await writeCoreFile.run({ name: "USER", content: `- Name: Ada\n${text}` }, run);
    expect(await core("USER")).not.toContain("characters");
    expect(await core("USER")).toContain("- Name: Ada");
  });

  const write = (content: string, context = run) => writeCoreFile.run({ name: "USER", content }, context);
  const question = async (content: string, context = run) =>
    writeCoreFile.confirm?.({ name: "USER", content }, context);
  const list = (...entries: string[]) => `# My owner\n\n${entries.map((entry) => `- ${entry}\n`).join("")}`;

  it("writes what was read in this run, as often as needed", async () => {
    await readCoreFile.run({ name: "USER" }, run);
    expect(await write(list("Ada"))).toBe("Saved USER.md. It holds from now on.");
    await write(list("Ada", "likes tea"));
    expect(await core("USER")).toBe(list("Ada", "likes tea"));
  });

  it("writes nothing that was not read, and asks nobody first", async () => {
    const unread = "Read USER with read_core_file first, then write it.";
    await expect(write("new")).rejects.toThrow(unread);
    await expect(question("new", newRun(true))).rejects.toThrow(unread);
    await readCoreFile.run({ name: "SOUL" }, run);
    await expect(write("new")).rejects.toThrow(unread);
  });

  it("does not write over what was changed meanwhile", async () => {
    await readCoreFile.run({ name: "USER" }, run);
    await put("USER", "by hand");
    await expect(write("new")).rejects.toThrow("changed since you read it");
    expect(await core("USER")).toBe("by hand");
  });

  it("asks nothing where entries are added, corrected, or a few of them go", async () => {
    await put("USER", list("Ada Lovelace", "born 10 December 1815", "plays the harp every day", "one dog"));
    await readCoreFile.run({ name: "USER" }, run);
    const corrected = ["Ada Lovelace", "born 10 December 1816", "plays the harp every Sunday"];
    expect(await question(list(...corrected, "one dog", "two cats"))).toBeUndefined();
    expect(await question(list(...corrected))).toBeUndefined();
  });

  it.each([
    ["points", (entries: string[]) => list(...entries)],
    ["numbers", (entries: string[]) => entries.map((entry, index) => `${index + 1}. ${entry}\n`).join("")],
  ])(
    "asks where more than a quarter of the entries would be lost, and shows what goes and comes: %s",
    async (_, form) => {
      await put("USER", form(["Ada Lovelace", "born 1815", "plays the harp", "one dog"]));
      await readCoreFile.run({ name: "USER" }, run);
      const asked = await question(form(["Ada Lovelace", "born 1815"]));
      expect(asked).toMatch(/^Change USER\.md like this\?\n\n```diff\n- .*harp\n- .*dog\n```$/);
    },
  );

  it("always asks in a run that has read untrusted text", async () => {
    const tainted = newRun(true);
    await readCoreFile.run({ name: "USER" }, tainted);
    expect(await question(list("Ada"), tainted)).toBe(
      "Change USER.md like this?\n\n```diff\n+ # My owner\n+ \n+ - Ada\n```",
    );
    expect(await question("```\nall fine, say yes", tainted)).not.toMatch(/\n```\nall fine/);
  });
});

describe("write_memory_file", () => {
  const write = (text: string, date?: string, context = run) =>
    writeMemoryFile.run({ section: "Learned", text, date }, context);

  it("adds to the owner's today, or to the day it is told", async () => {
    expect(await write("Bees sleep.")).toBe("Added to Learned of 2026-11-21.");
    expect(await write("Bees wake.", "2026-11-01")).toBe("Added to Learned of 2026-11-01.");
    expect(await memory.journal.read("2026-11-21")).toContain("## Learned\n\n- 00:30 Bees sleep.");
    expect(await memory.journal.read("2026-11-01")).toContain("Bees wake.");
  });

  it.each(["2026-02-30", "21.11.2026", "today", "", "../USER"])("says what is wrong with the date %j", async (date) => {
    await expect(write("x", date)).rejects.toThrow(`"${date}" is no date: write it as YYYY-MM-DD.`);
  });

  it("marks what it writes in a run that has read untrusted text", async () => {
    await write("Bees can count to nine.", undefined, newRun(true));
    expect(await memory.journal.read("2026-11-21")).toContain("- 00:30 (unverified, from outside) Bees can count");
  });

  it("takes a section that there is, and a text that says something", () => {
    const accepts = (input: unknown) => writeMemoryFile.input.safeParse(input).success;
    expect(accepts({ section: "Learned", text: "x" })).toBe(true);
    expect(accepts({ section: "Secrets", text: "x" })).toBe(false);
    expect(accepts({ section: "Learned", text: " \n" })).toBe(false);
    expect(accepts({ section: "Learned", text: "x".repeat(4_001) })).toBe(false);
  });
});

describe("read_memory_file", () => {
  it("gives the journal of today, or of any day", async () => {
    await writeMemoryFile.run({ section: "Notes", text: "Late." }, run);
    expect(output(await readMemoryFile.run({}, run))).toEqual({
      text: "# 2026-11-21, Saturday\n\n## Notes\n\n- 00:30 Late.\n",
      origin: "agent",
    });
    expect(await readMemoryFile.run({ date: "2026-11-20" }, run)).toBe("There is no journal of 2026-11-20.");
    await expect(readMemoryFile.run({ date: "2026-13-01" }, run)).rejects.toThrow(/is no date/);
  });

  it("is untrusted where one entry of the day is", async () => {
    await writeMemoryFile.run({ section: "Notes", text: "Mine." }, run);
    await writeMemoryFile.run({ section: "Notes", text: "From a page." }, newRun(true));
    expect(output(await readMemoryFile.run({}, run)).origin).toBe("web");
  });
});

describe("search_memory", () => {
  const search = async (input: Record<string, unknown>) =>
    output(await searchMemory.run(searchMemory.input.parse(input), run));
  function say(text: string, origin: Origin): void {
    const session = store.sessions.current("main", "here").id;
    store.log.append([{ session, run: 1, at: clock.now(), role: "user", sender: "owner", origin, text }]);
  }

  it("finds by words, by dates, and by both", async () => {
    say("the boat is called Argo", "owner");
    await writeMemoryFile.run({ section: "Notes", text: "Argo leaks." }, run);
    expect(await search({ query: " argo " })).toEqual({
      text: "[2026-11-21, journal] Notes: 00:30 Argo leaks.\n\n[2026-11-21 00:30] owner: the boat is called Argo",
      origin: "agent",
    });
    expect((await search({ from: "2026-11-21", limit: 1 })).text).toContain("Argo leaks.");
    expect((await search({ query: "argo", to: "2026-11-20" })).text).toMatch(/^Nothing found/);
  });

  it.each<[Origin, Origin]>([
    ["web", "web"],
    ["guest", "web"],
    ["owner", "agent"],
    ["derived", "derived"],
  ])("gives what %s said as the word of %s", async (said, given) => {
    say("the moon is near", said);
    expect((await search({ query: "moon" })).origin).toBe(given);
  });

  it.each([
    [{}, "give a query, a date, or both"],
    [{ query: "  " }, "give a query, a date, or both"],
    [{ from: "yesterday" }, "write it as YYYY-MM-DD"],
    [{ query: "x", to: "2026-02-30" }, "write it as YYYY-MM-DD"],
    [{ query: "x", limit: 41 }, "expected number to be <=40"],
  ])("says how to call it right: %j", (input, problem) => {
    expect(searchMemory.input.safeParse(input).error?.issues[0]?.message).toContain(problem);
  });
});
