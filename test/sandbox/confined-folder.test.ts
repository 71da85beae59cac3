import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createConfinedFolder } from "../../src/sandbox/confined-folder.ts";
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

  it("that is not there is told of", async () => {
    await expect(folder.list("nope")).rejects.toThrow("There is no `nope`.");
    await expect(folder.list("nope/deeper")).rejects.toThrow("There is no `nope/deeper`.");
    await expect(folder.removeDirectory("nope")).rejects.toThrow("There is no `nope`.");
    await expect(folder.removeDirectory("nope/deeper")).rejects.toThrow("There is no `nope/deeper`.");
    await expect(folder.remove("nope/deeper")).rejects.toThrow("There is no `nope/deeper`.");
    expect(await folder.stat("nope/deeper")).toBeUndefined();
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
