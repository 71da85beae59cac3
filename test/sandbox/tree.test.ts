import { mkdirSync, writeFileSync } from "node:fs";
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

const paths = async (from: Folder, path = "") =>
  (await from.list(path, { depth: Number.POSITIVE_INFINITY })).map((entry) => entry.path);

/** The folder, whose directories are other than the system's in one way. */
function folderWith(changed: (directory: Directory) => Partial<Directory>): Folder {
  const change = (directory: Directory): Directory => ({
    ...directory,
    enter: (name) => change(directory.enter(name)),
    ...changed(directory),
  });
  return createConfinedFolder(() => change(openByRealPath(place.root)));
}

describe("a tree made to be deep", () => {
  it("is listed to 200 levels", async () => {
    mkdirSync(join(place.root, "d/".repeat(205)), { recursive: true });
    expect(await paths(folder)).toHaveLength(200);
  });

  it("is removed when it has 200 levels, and left to its owner when it has more", async () => {
    mkdirSync(join(place.root, "d/".repeat(200)), { recursive: true });
    mkdirSync(join(place.root, "e/".repeat(201)), { recursive: true });
    await folder.removeDirectory("d");
    expect(await folder.stat("d")).toBeUndefined();
    await expect(folder.removeDirectory("e")).rejects.toThrow(
      "The folder has more than 200 levels: remove it by hand.",
    );
  });
});

describe("a tree that changes meanwhile", () => {
  beforeEach(() => place.lay("file:a/x;file:b"));

  it("is listed without what has vanished", async () => {
    const haunted = folderWith((directory) => ({ names: () => ["ghost", ...directory.names()] }));
    expect(await paths(haunted)).toEqual(["a", "a/x", "b"]);
  });

  it("is removed although a part has vanished already", async () => {
    const haunted = folderWith((directory) => ({ names: () => ["ghost", ...directory.names()] }));
    await haunted.removeDirectory("a");
    expect(await paths(folder)).toEqual(["b"]);
  });

  it("is listed without what lies in a folder that cannot be entered", async () => {
    const refuse = (error: Error) => () => ({
      enter(): Directory {
        throw error;
      },
    });
    const closed = folderWith(refuse(Object.assign(new Error("closed"), { code: "EACCES" })));
    expect(await paths(closed)).toEqual(["a", "b"]);
    // A fault of the program itself is not passed over.
    await expect(paths(folderWith(refuse(new TypeError("a mistake"))))).rejects.toThrow("a mistake");
  });
});

describe("a listing", () => {
  it("is in the order of the names, whatever order the disk has", async () => {
    place.lay("file:a;file:b;file:c");
    const shuffled = folderWith(() => ({ names: () => ["b", "c", "a"] }));
    expect(await paths(shuffled)).toEqual(["a", "b", "c"]);
  });

  it("says how large files are, and nothing of what is none", async () => {
    place.lay("file:f;dir:d;ln:f>l");
    expect((await folder.list("")).map(({ path, bytes }) => [path, bytes])).toEqual([
      ["d", 0],
      ["f", 12],
      ["l", 0],
    ]);
  });
});

describe("a folder of many files", () => {
  async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
    let turns = 0;
    let over = false;
    const tick = (): void => {
      turns += 1;
      if (!over) setImmediate(tick);
    };
    setImmediate(tick);
    await work();
    over = true;
    return turns;
  }

  it("leaves others their turn now and then while it is listed, and while it is removed", async () => {
    mkdirSync(join(place.root, "many"));
    for (let index = 0; index < 1_600; index += 1) writeFileSync(join(place.root, `many/${index}`), "");
    const listing = await turnsDuring(() => folder.list("many"));
    expect(listing).toBeGreaterThanOrEqual(3);
    expect(listing).toBeLessThan(200);
    const removing = await turnsDuring(() => folder.removeDirectory("many"));
    expect(removing).toBeGreaterThanOrEqual(3);
  });
});
