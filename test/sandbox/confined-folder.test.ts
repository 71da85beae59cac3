import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createConfinedFolder } from "../../src/sandbox/confined-folder.ts";
import type { Directory } from "../../src/sandbox/directory.ts";
import { type Folder, openFolder } from "../../src/sandbox/folder.ts";
import { openByRealPath } from "../../src/sandbox/real-paths.ts";
import { createPlace, type Place } from "../support/place.ts";

let place: Place;
let folder: Folder;

beforeEach(async () => {
  place = createPlace();
  folder = await openFolder(place.root);
});
afterEach(() => place[Symbol.dispose]());

describe("a folder", () => {
  it("is made with all that is missing above it, and making it again does nothing", async () => {
    await folder.makeDirectory("a/b/c");
    await folder.makeDirectory("a/b/c");
    expect((await folder.stat("a/b/c"))?.kind).toBe("directory");
    expect((await folder.stat(""))?.kind).toBe("directory");
    expect((await folder.stat("."))?.path).toBe("");
  });

  it("is not made where a file stands", async () => {
    place.lay("file:f");
    await expect(folder.makeDirectory("f/x")).rejects.toThrow("`f` is not a folder.");
    await expect(folder.makeDirectory("f")).rejects.toThrow("`f` is not a folder.");
  });

  it("that cannot be entered is named as far as the way goes", async () => {
    place.lay("file:a/b/f;ln:$OUT>a/out");
    await expect(folder.read("a/b/f/deep/er")).rejects.toThrow("`a/b/f` is not a folder.");
    await expect(folder.read("a/out/deep/er")).rejects.toMatchObject({
      message: "`a/out` is a link, and links are not followed.",
      cause: { message: "a link on the way", code: "ELOOP", cause: { code: expect.stringMatching(/^E/) } },
    });
    await expect(folder.makeDirectory("a/out/deep")).rejects.toThrow("`a/out` is a link, and links are not followed.");
    await expect(folder.write("a/b/f/x", "x")).rejects.toThrow("`a/b/f` is not a folder.");
  });

  it("is put on the disk when it is made, and not when it was there", async () => {
    let flushes = 0;
    const count = (directory: Directory): Directory => ({
      ...directory,
      enter: (name) => count(directory.enter(name)),
      async flush() {
        flushes += 1;
      },
    });
    const counted = createConfinedFolder(() => count(openByRealPath(place.root)));
    await counted.makeDirectory("a/b");
    expect(flushes).toBe(2);
    await counted.makeDirectory("a/b");
    expect(flushes).toBe(2);
  });

  it("that is taken away while it is made is told of", async () => {
    const refusing = createConfinedFolder(() => ({
      ...openByRealPath(place.root),
      at: (name) => `${place.root}/nope/${name}`,
    }));
    await expect(refusing.makeDirectory("a")).rejects.toMatchObject({ message: "There is no `a`." });
    await expect(refusing.write("a/b", "x")).rejects.toMatchObject({ message: "There is no `a`." });
  });

  it("is made once when two are to make it at the same time", async () => {
    await Promise.all(["a", "b", "c", "d"].map((name) => folder.write(`new/er/${name}`, name)));
    expect((await folder.list("new/er")).map(({ path }) => path)).toEqual([
      "new/er/a",
      "new/er/b",
      "new/er/c",
      "new/er/d",
    ]);
  });

  it("that is gone keeps the system's word as its cause", async () => {
    rmSync(place.root, { recursive: true });
    await expect(folder.read("a")).rejects.toMatchObject({ cause: { code: "ENOENT" } });
  });

  it("that is not there is told of", async () => {
    await expect(folder.list("nope")).rejects.toThrow("There is no `nope`.");
    await expect(folder.list("nope/deeper")).rejects.toThrow("There is no `nope/deeper`.");
    await expect(folder.removeDirectory("nope")).rejects.toThrow("There is no `nope`.");
    await expect(folder.removeDirectory("nope/deeper")).rejects.toThrow("There is no `nope/deeper`.");
    await expect(folder.remove("nope/deeper")).rejects.toThrow("There is no `nope/deeper`.");
    expect(await folder.stat("nope/deeper")).toBeUndefined();
  });
});

describe("a file", () => {
  it("is told apart from what is none when it is read", async () => {
    place.lay("dir:d;file:f;hard:f>second;fifo:p");
    await expect(folder.read("d")).rejects.toThrow("`d` is a folder, not a file.");
    await expect(folder.read("second")).rejects.toThrow("`second` has a second name elsewhere (a hard link).");
    await expect(folder.read("p")).rejects.toThrow("`p` is not a regular file.");
  });

  it("is told apart from what is none when it is written", async () => {
    place.lay("dir:d;file:f;hard:f>second;fifo:p;ln:f>link");
    await expect(folder.write("d", "x")).rejects.toThrow("`d` is a folder, not a file.");
    await expect(folder.write("second", "x")).rejects.toThrow("`second` has a second name elsewhere (a hard link).");
    await expect(folder.write("p", "x")).rejects.toThrow("`p` is not a regular file.");
    await expect(folder.write("link", "x")).rejects.toThrow("`link` is a link, and links are not written through.");
    expect(readFileSync(join(place.root, "f"), "utf8")).toBe("content of f");
  });

  const claiming = "/sys/kernel/mm/transparent_hugepage";

  it.skipIf(!existsSync(claiming))("that says it has 4096 bytes and has fewer is read to its end", async () => {
    const system = createConfinedFolder(() => openByRealPath(claiming));
    expect((await system.read("enabled"))?.toString()).toMatch(/^[\w[\] ]+\n$/);
  });
});

describe("a folder that turns out to have been moved", () => {
  const moved = Object.assign(new Error("ESTALE: moved"), { code: "ESTALE" });

  beforeEach(() => {
    folder = createConfinedFolder(() => ({
      ...openByRealPath(place.root),
      verify() {
        throw moved;
      },
    }));
    place.lay("file:f;dir:d");
  });

  it.each([
    ["reads", () => folder.read("f")],
    ["writes over", () => folder.write("f", "x")],
    ["writes", () => folder.write("new", "x")],
    ["removes", () => folder.remove("f")],
    ["removes folders", () => folder.removeDirectory("d")],
    ["makes folders", () => folder.makeDirectory("new")],
  ])("nobody %s in it", async (_what, work) => {
    await expect(work()).rejects.toThrow("was moved while it was in use.");
    expect(readFileSync(join(place.root, "f"), "utf8")).toBe("content of f");
    expect([existsSync(join(place.root, "d")), existsSync(join(place.root, "new"))]).toEqual([true, false]);
  });
});
