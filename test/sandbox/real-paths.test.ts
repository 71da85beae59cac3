import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createConfinedFolder } from "../../src/sandbox/confined-folder.ts";
import type { Folder } from "../../src/sandbox/folder.ts";
import { openByRealPath } from "../../src/sandbox/real-paths.ts";
import { createPlace, type Place } from "../support/place.ts";

let place: Place;
let folder: Folder;

beforeEach(() => {
  place = createPlace();
  folder = createConfinedFolder(() => openByRealPath(place.root));
});
afterEach(() => place[Symbol.dispose]());

describe("a folder on a system without Linux's descriptors", () => {
  it("is read, written, listed and emptied all the same", async () => {
    await folder.write("a/b.txt", "hello");
    writeFileSync(Buffer.concat([Buffer.from(`${place.root}/a/`), Buffer.from([0xff])]), "x");
    expect((await folder.read("a/b.txt"))?.toString()).toBe("hello");
    expect((await folder.list("", { depth: 2 })).map(({ path }) => path)).toEqual(["a", "a/b.txt", "a/ÿ"]);
    await folder.remove("a/b.txt");
    expect(await folder.read("a/b.txt")).toBeUndefined();
    await folder.removeDirectory("a");
    expect(await folder.stat("a")).toBeUndefined();
  });

  it("has no way out by a link", async () => {
    place.lay("ln:$OUT>out;ln:$OUT/secret>link");
    await expect(folder.read("out/secret")).rejects.toThrow("`out` is a link, and links are not followed.");
    await expect(folder.read("link")).rejects.toThrow("`link` is a link, and links are not followed.");
    await expect(folder.write("out/new", "x")).rejects.toThrow("`out` is a link, and links are not followed.");
    expect(place.outsideIsUntouched()).toBe(true);
  });

  it("says when a file stands where a folder should", async () => {
    place.lay("file:f");
    await expect(folder.list("f")).rejects.toThrow("`f` is not a folder.");
  });
});

describe("a directory that somebody puts another in the place of", () => {
  it.each([
    ["a link out", () => symlinkSync(place.outside, join(place.root, "d"))],
    ["another directory", () => mkdirSync(join(place.root, "d"))],
    ["nothing", () => {}],
  ])("is noticed: %s", (_what, put) => {
    place.lay("dir:d");
    using directory = openByRealPath(place.root).enter("d");
    directory.verify();
    // Kept, so that the new one cannot have its number.
    renameSync(join(place.root, "d"), join(place.root, "kept"));
    put();
    expect(() => directory.verify()).toThrow(/^(?:ESTALE|ENOTDIR|ENOENT)/);
  });

  it("is noticed above it as well", () => {
    place.lay("dir:d/e");
    using directory = openByRealPath(place.root).enter("d").enter("e");
    renameSync(join(place.root, "d"), join(place.root, "kept"));
    symlinkSync(join(place.root, "kept"), join(place.root, "d"));
    expect(() => directory.verify()).toThrow(/^ENOTDIR/);
  });

  it("is no reason to fail when its names can no longer be flushed", async () => {
    place.lay("dir:d");
    using directory = openByRealPath(place.root).enter("d");
    rmSync(join(place.root, "d"), { recursive: true });
    await directory.flush();
  });
});
