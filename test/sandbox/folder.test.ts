import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Folder, openFolder } from "../../src/sandbox/folder.ts";
import { createPlace, type Place } from "../support/place.ts";

let place: Place;
let folder: Folder;

beforeEach(async () => {
  place = createPlace();
  folder = await openFolder(place.root);
});
afterEach(() => place[Symbol.dispose]());

const text = async (path: string) => (await folder.read(path))?.toString();

describe("reading", () => {
  it("gives nothing for what is not there, also when the folder above is not", async () => {
    expect(await folder.read("nope.txt")).toBeUndefined();
    expect(await folder.read("nope/nope.txt")).toBeUndefined();
  });

  it("refuses four FIFOs at once, and other files stay readable", async () => {
    place.lay("fifo:1;fifo:2;fifo:3;fifo:4;file:ordinary.txt");
    const refused = await Promise.allSettled(["1", "2", "3", "4"].map((path) => folder.read(path)));
    expect(refused.map(({ status }) => status)).toEqual(Array(4).fill("rejected"));
    expect(await text("ordinary.txt")).toBe("content of ordinary.txt");
    expect(await readFile(join(place.outside, "secret"), "utf8")).toContain("canary");
    await expect(folder.write("1", "x")).rejects.toThrow("`1` is not a regular file.");
  });

  it("refuses a socket", async () => {
    const server = createServer().listen(join(place.root, "socket"));
    await once(server, "listening");
    await expect(folder.read("socket")).rejects.toThrow("`socket` is not a regular file.");
    expect((await folder.stat("socket"))?.kind).toBe("other");
    server.close();
  });

  it("refuses what is larger than it was told to read, without reading it", async () => {
    place.lay("sparse:huge=1099511627776");
    await expect(folder.read("huge")).rejects.toThrow("more than 52428800 are not read");
    await folder.write("small", "12345");
    await expect(folder.read("small", { maxBytes: 4 })).rejects.toThrow("`small` has 5 bytes");
    expect(await folder.read("small", { maxBytes: 5 })).toHaveLength(5);
  });

  it("gives bytes as they are", async () => {
    const bytes = Buffer.from([0, 255, 13, 10, 128]);
    await folder.write("bytes", bytes);
    expect(await folder.read("bytes")).toEqual(bytes);
    await folder.write("empty", "");
    expect(await folder.read("empty")).toHaveLength(0);
  });
});

describe("writing", () => {
  it("makes the folders on the way", async () => {
    await folder.write("a/b/c.txt", "deep");
    expect(readFileSync(join(place.root, "a/b/c.txt"), "utf8")).toBe("deep");
  });

  it("keeps the permissions of the file before, and takes those it is given", async () => {
    await folder.write("script", "1");
    chmodSync(join(place.root, "script"), 0o750);
    await folder.write("script", "2");
    expect(statSync(join(place.root, "script")).mode & 0o777).toBe(0o750);
    await folder.write("private", "x", { mode: 0o600 });
    expect(statSync(join(place.root, "private")).mode & 0o777).toBe(0o600);
  });

  it("leaves a file that is there when it may not overwrite", async () => {
    await folder.write("note", "first");
    await expect(folder.write("note", "second", { overwrite: false })).rejects.toThrow("`note` is there already.");
    const both = await Promise.allSettled(["a", "b"].map((data) => folder.write("new", data, { overwrite: false })));
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await text("note")).toBe("first");
    expect(readdirSync(place.root).sort()).toEqual(["new", "note"]);
  });

  it("leaves nothing half written behind when it fails", async () => {
    mkdirSync(join(place.root, "taken"));
    await expect(folder.write("taken", "x")).rejects.toThrow("`taken` is a folder, not a file.");
    await expect(folder.write("a", {} as never)).rejects.toThrow();
    expect(readdirSync(place.root)).toEqual(["taken"]);
  });
});

describe("what a killed process left", () => {
  const left = () => `.memtrix-${deadProcess()}-1700000000000-0123456789ab.tmp`;

  it("is not listed, cannot be named, and is gone after the next start", async () => {
    const name = left();
    mkdirSync(join(place.root, "notes"));
    writeFileSync(join(place.root, "notes", name), "half");
    writeFileSync(join(place.root, "notes", "whole.txt"), "whole");

    expect((await folder.list("", { depth: 5 })).map(({ path }) => path)).toEqual(["notes", "notes/whole.txt"]);
    await expect(folder.read(`notes/${name}`)).rejects.toThrow("is a name for files that are being written");

    await openFolder(place.root);
    expect(readdirSync(join(place.root, "notes"))).toEqual(["whole.txt"]);
  });

  it("is left alone while its writer lives", async () => {
    const name = `.memtrix-${process.ppid}-1700000000000-0123456789ab.tmp`;
    writeFileSync(join(place.root, name), "half");
    await openFolder(place.root);
    expect(readdirSync(place.root)).toEqual([name]);
  });
});

describe("listing", () => {
  it("tells files, folders and the rest, each folder before what is in it", async () => {
    place.lay("file:b/inner;file:a.txt;ln:$OUT>c;fifo:d;file:e;hard:e>f");
    const entries = await folder.list("", { depth: 2 });
    expect(entries.map(({ path, kind }) => `${kind} ${path}`)).toEqual(
      ["file a.txt", "directory b", "file b/inner", "other c", "other d", "other e", "other f"], // e has two names
    );
  });

  it("keeps to its depth and limit, and leaves out what it is told to", async () => {
    place.lay("file:a/b/c;file:d;file:e");
    expect((await folder.list("a")).map(({ path }) => path)).toEqual(["a/b"]);
    expect(await folder.list("", { depth: 3, limit: 2 })).toHaveLength(2);
    const withoutA = await folder.list("", { depth: 3, except: (path) => path === "a" });
    expect(withoutA.map(({ path }) => path)).toEqual(["d", "e"]);
  });

  it("shows names that cannot be used so that they deceive nobody", async () => {
    writeFileSync(join(place.root, "a\nb"), "");
    writeFileSync(Buffer.concat([Buffer.from(`${place.root}/`), Buffer.from([0x66, 0xff])]), "");
    expect((await folder.list("")).map(({ path }) => path)).toEqual(["a\\u{a}b", "fÿ"]);
    mkdirSync(join(place.root, "d"));
    writeFileSync(Buffer.concat([Buffer.from(`${place.root}/d/`), Buffer.from([0xff])]), "");
    await folder.removeDirectory("d");
    expect(await folder.stat("d")).toBeUndefined();
  });
});

describe("removing", () => {
  it("takes a folder with all that is in it, and a link alone", async () => {
    place.lay("file:a/b/c;ln:$OUT>a/out;fifo:a/p;ln:$OUT>link");
    await folder.removeDirectory("a");
    await folder.remove("link");
    expect(readdirSync(place.root)).toEqual([]);
    expect(place.outsideIsUntouched()).toBe(true);
  });

  it("says what it will not do", async () => {
    place.lay("file:a/b");
    await expect(folder.remove("a")).rejects.toThrow("`a` is a folder, not a file.");
    await expect(folder.removeDirectory("a/b")).rejects.toThrow("`a/b` is a file, not a folder.");
    await expect(folder.remove("nope")).rejects.toThrow("There is no `nope`.");
    await expect(folder.removeDirectory("")).rejects.toThrow("This is the workspace itself");
  });
});

describe.skipIf(process.platform !== "linux")("descriptors", () => {
  it("are all closed after a thousand mixed failures", async () => {
    place.lay("file:f;dir:d/e;ln:$OUT>l;ln:$OUT/secret>d/e/l;hard:f>h;fifo:p;sparse:s=1099511627776");
    const open = () => readdirSync("/proc/self/fd").length;
    const calls: (() => Promise<unknown>)[] = [
      () => folder.read("l/secret"),
      () => folder.read("d/e/l"),
      () => folder.read("h"),
      () => folder.read("p"),
      () => folder.read("s"),
      () => folder.read("d"),
      () => folder.read("f/x"),
      () => folder.write("l/new", "x"),
      () => folder.write("d", "x"),
      () => folder.write("d/e/l", "x"),
      () => folder.write("h", "x", { overwrite: false }),
      () => folder.write("d/e/new", {} as never),
      () => folder.list("l"),
      () => folder.list("d/e/nope"),
      () => folder.remove("d/e"),
      () => folder.remove("d/e/nope"),
      () => folder.removeDirectory("d/e/nope"),
      () => folder.makeDirectory("d/e/l/x"),
      () => folder.read("../x"),
      () => folder.stat("f/x"),
    ];
    await Promise.allSettled(calls.map((call) => call()));
    const before = open();
    let failures = 0;
    for (let round = 0; round < 50; round += 1) {
      const results = await Promise.allSettled(calls.map((call) => call()));
      failures += results.filter(({ status }) => status === "rejected").length;
    }
    expect(failures).toBe(1000);
    expect(open()).toBe(before);
  });

  it("are closed when a listing stops at its limit", async () => {
    place.lay("file:a/b/c/d/e/f");
    const before = readdirSync("/proc/self/fd").length;
    for (let round = 0; round < 20; round += 1) await folder.list("", { depth: 9, limit: 3 });
    expect(readdirSync("/proc/self/fd").length).toBe(before);
  });
});

it("says so, without the host's paths, when its own folder is gone", async () => {
  execFileSync("rm", ["-r", place.root]);
  await expect(folder.read("a")).rejects.toThrow(/^The workspace's own folder is not there or cannot be opened\.$/);
});

/** The number of a process that was and is no more. */
function deadProcess(): number {
  return Number(execFileSync(process.execPath, ["-p", "process.pid"]).toString());
}
