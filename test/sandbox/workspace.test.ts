import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Origin } from "../../src/origin.ts";
import { type Folder, openFolder } from "../../src/sandbox/folder.ts";
import { leastTrusted } from "../../src/sandbox/marks.ts";
import { openWorkspace, type Workspace } from "../../src/sandbox/workspace.ts";
import { createPlace, type Place } from "../support/place.ts";

let place: Place;
let folder: Folder;
let origins: Map<string, Origin>;
let workspace: Workspace;
let web: Workspace;

beforeEach(async () => {
  place = createPlace();
  folder = await openFolder(place.root);
  origins = new Map();
  workspace = openWorkspace({ folder, origins });
  web = workspace.writingAs(() => "web");
});
afterEach(() => place[Symbol.dispose]());

const overwrite = { overwrite: true };
const originOf = async (path: string) => (await workspace.readFile(path)).origin;

describe("what belongs to the agent itself", () => {
  const closed = ["AGENT.md", "soul.MD", "Behavior.md", "USER.md", "MEMORY.md", "ＳＯＵＬ.md", "./SOUL.md"];
  const closedFolders = ["memory", "Memory/2026-11-21.md", "memory/versions/x", ".git/config", "a/.GIT", "a/git~1/x"];

  it.each([...closed, ...closedFolders])("%s is closed to every operation", async (path) => {
    const why = /is closed to file tools/;
    await expect(workspace.readFile(path)).rejects.toThrow(why);
    await expect(workspace.writeFile(path, "x", overwrite)).rejects.toThrow(why);
    await expect(workspace.deleteFile(path)).rejects.toThrow(why);
    await expect(workspace.makeDirectory(path)).rejects.toThrow(why);
    await expect(workspace.deleteDirectory(path)).rejects.toThrow(why);
    await expect(workspace.list(path)).rejects.toThrow(why);
  });

  it("is refused with the reason", async () => {
    await expect(workspace.readFile("memory/x")).rejects.toMatchObject({
      message: "`memory/x` is closed to file tools: it is for the core file and memory tools only.",
    });
    await expect(workspace.readFile("a/.git/config")).rejects.toMatchObject({
      message: "`a/.git/config` is closed to file tools: it is git's own folder.",
    });
  });

  it("does not show in a listing", async () => {
    place.lay("file:AGENT.md;file:memory/2026-11-21.md;file:repo/.git/config;file:repo/SOUL.md;file:note.md");
    const paths = (await workspace.list(".", { depth: 9 })).map(({ path }) => path);
    expect(paths).toEqual(["note.md", "repo", "repo/SOUL.md"]);
    expect(await workspace.stat("AGENT.md")).toBeUndefined();
    expect(await workspace.stat("memory")).toBeUndefined();
  });

  it("does not use up the limit of a listing", async () => {
    place.lay("file:memory/1;file:memory/2;file:memory/3;file:note.md");
    expect((await workspace.list("", { depth: 2, limit: 1 })).map(({ path }) => path)).toEqual(["note.md"]);
  });
});

describe("a file", () => {
  it("that is not there is told of", async () => {
    await expect(workspace.readFile("a/nope")).rejects.toMatchObject({ message: "There is no `a/nope`." });
    await expect(workspace.deleteDirectory("a")).rejects.toMatchObject({ message: "There is no `a`." });
  });

  it("is not written over unless that is meant", async () => {
    await workspace.writeFile("a/b", "first", { overwrite: false });
    await expect(workspace.writeFile("a/b", "second", { overwrite: false })).rejects.toThrow("is there already");
    expect((await workspace.readFile("a/b")).bytes.toString()).toBe("first");
    expect(await workspace.stat("./a//b")).toMatchObject({ path: "a/b", kind: "file" });
  });
});

describe("who is trusted least", () => {
  it.each([
    [[], "owner"],
    [["agent", "owner"], "agent"],
    [["owner", "owner"], "owner"],
    [["guest", "derived"], "guest"],
    [["derived", "agent"], "derived"],
    [["web", "guest"], "web"],
  ] as const)("%j: %s", (origins, least) => {
    expect(leastTrusted(origins)).toBe(least);
  });
});

describe("marks", () => {
  it("say where a file comes from, and are gone when the agent writes it anew", async () => {
    await web.writeFile("Page.md", "from the web", overwrite);
    expect(await originOf("Page.md")).toBe("web");
    await workspace.writeFile("Page.md", "its own words", overwrite);
    expect(await originOf("Page.md")).toBe("owner");
    expect(origins.size).toBe(0);
  });

  it("are owner's for what nobody marked", async () => {
    place.lay("file:by-hand.txt");
    expect(await originOf("by-hand.txt")).toBe("owner");
  });

  it("stay when a new text is made from a marked one", async () => {
    await workspace.writeFile("a", "x", { overwrite: true, basedOn: "web" });
    expect(await originOf("a")).toBe("web");
    await workspace.writingAs(() => "derived").writeFile("a", "y", { overwrite: true, basedOn: "guest" });
    expect(await originOf("a")).toBe("guest");
  });

  it("hold for the other spelling of a name too, since some disks take them for the same", async () => {
    await web.writeFile("notes/page.md", "x", overwrite);
    await workspace.writeFile("notes/PAGE.md", "x", overwrite);
    expect(await originOf("notes/page.md")).toBe("web");
    expect(await originOf("notes/PAGE.md")).toBe("web");
  });

  it("stand on new folders, whose names come from the writer as well", async () => {
    await web.writeFile("new/er/page.md", "x", overwrite);
    expect((await workspace.list("")).map(({ path, origin }) => `${path} ${origin}`)).toEqual(["new web"]);
    await workspace.makeDirectory("new");
    expect((await workspace.list(""))[0]?.origin).toBe("web");
  });

  it("stand on every folder that was made on the way, and on none that was there", async () => {
    await workspace.makeDirectory("there");
    await web.makeDirectory("there/new/er/est");
    const origins = (await workspace.list("", { depth: 9 })).map(({ path, origin }) => `${path} ${origin}`);
    expect(origins).toEqual(["there owner", "there/new web", "there/new/er web", "there/new/er/est web"]);
  });

  it("are gone when the owner writes it anew", async () => {
    await web.writeFile("a", "x", overwrite);
    await workspace.writingAs(() => "owner").writeFile("a", "y", overwrite);
    expect(origins.size).toBe(0);
  });

  it("do not get better by a write that fails", async () => {
    await web.writeFile("a", "x", overwrite);
    const failing = openWorkspace({ folder: { ...folder, write: () => Promise.reject(new Error("disk")) }, origins });
    await expect(failing.writingAs(() => "derived").writeFile("a", "y", overwrite)).rejects.toThrow("disk");
    expect(await originOf("a")).toBe("web");
  });

  it("go with the file, or with all files of a folder", async () => {
    await web.writeFile("d/a", "x", overwrite);
    await web.writeFile("d/e/b", "x", overwrite);
    await web.writeFile("c", "x", overwrite);
    await workspace.deleteFile("c");
    await workspace.deleteDirectory("d");
    expect(origins.size).toBe(0);
  });

  it("are rather too many than too few when a write fails in the midst", async () => {
    await workspace.writeFile("a", "clean", overwrite);
    const failing = openWorkspace({ folder: { ...folder, write: () => Promise.reject(new Error("disk")) }, origins });
    await expect(failing.writingAs(() => "web").writeFile("a", "x", overwrite)).rejects.toThrow("disk");
    expect(await originOf("a")).toBe("web");
    await expect(failing.writeFile("a", "x", overwrite)).rejects.toThrow("disk");
    expect(await originOf("a")).toBe("web");
  });

  it("follow the origin of the moment", async () => {
    let origin: Origin = "agent";
    const view = workspace.writingAs(() => origin);
    await view.writeFile("before", "x", overwrite);
    origin = "derived";
    await view.writeFile("after", "x", overwrite);
    expect([await originOf("before"), await originOf("after")]).toEqual(["owner", "derived"]);
  });
});

describe("the quota", () => {
  it("refuses what would be too much, and sees what was deleted by hand", async () => {
    const small = openWorkspace({ folder, origins, quotaBytes: 1000 });
    await small.writeFile("a", "x".repeat(800), overwrite);
    await expect(small.writeFile("b", "x".repeat(300), overwrite)).rejects.toThrow("The workspace is full");
    await folder.remove("a");
    await small.writeFile("b", "x".repeat(300), overwrite);
    expect(readFileSync(join(place.root, "b"), "utf8")).toHaveLength(300);
  });

  it("counts what lies in folders, and may be used up to the last byte", async () => {
    await workspace.writeFile("d/e/a", "x".repeat(800), overwrite);
    const small = openWorkspace({ folder, origins, quotaBytes: 1000 });
    await expect(small.writeFile("b", "x".repeat(201), overwrite)).rejects.toThrow("The workspace is full");
    await small.writeFile("b", "x".repeat(200), overwrite);
  });

  it("says how much it is", async () => {
    const small = openWorkspace({ folder, origins, quotaBytes: 3 * 1024 ** 2 });
    await expect(small.writeFile("b", Buffer.alloc(4 * 1024 ** 2), overwrite)).rejects.toThrow("more than 3 MiB.");
  });

  it("is counted once as long as there is room", async () => {
    let counts = 0;
    const list: Folder["list"] = (...asked) => {
      counts += 1;
      return folder.list(...asked);
    };
    const counted = openWorkspace({ folder: { ...folder, list }, origins, quotaBytes: 1000 });
    for (const name of ["a", "b", "c"]) await counted.writeFile(name, "x".repeat(100), overwrite);
    expect(counts).toBe(1);
  });

  it("does not grow when the same file is written again and again", async () => {
    const small = openWorkspace({ folder, origins, quotaBytes: 1000 });
    for (let round = 0; round < 10; round += 1) await small.writeFile("a", "x".repeat(400), overwrite);
    expect(await small.stat("a")).toMatchObject({ bytes: 400 });
  });
});
