import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Origin } from "../../src/origin.ts";
import { createPageReader } from "../../src/reader/reader.ts";
import { openFolder } from "../../src/sandbox/folder.ts";
import { openWorkspace, type Workspace } from "../../src/sandbox/workspace.ts";
import type { ToolContext, ToolOutput } from "../../src/tool.ts";
import createDirectory from "../../tools/create_directory.ts";
import createFile from "../../tools/create_file.ts";
import deleteDirectory from "../../tools/delete_directory.ts";
import deleteFile from "../../tools/delete_file.ts";
import editFile from "../../tools/edit_file.ts";
import listDirectory from "../../tools/list_directory.ts";
import readFile from "../../tools/read_file.ts";
import { plainPicture } from "../support/picture.ts";
import { createPlace, type Place } from "../support/place.ts";
import { simplePdf } from "../support/simple-pdf.ts";

let place: Place;
let workspace: Workspace;
let context: Pick<ToolContext, "workspace" | "reader" | "tainted" | "sees" | "signal" | "timezone">;
const reader = createPageReader();
afterAll(() => reader[Symbol.asyncDispose]());

beforeEach(async () => {
  place = createPlace();
  workspace = openWorkspace({ folder: await openFolder(place.root), origins: new Map<string, Origin>() });
  const { signal } = new AbortController();
  context = { workspace, reader, tainted: false, sees: async () => false, signal, timezone: "Europe/Berlin" };
});
afterEach(() => place[Symbol.dispose]());

async function read(input: { path: string; offset?: number; limit?: number }): Promise<ToolOutput> {
  const output = await readFile.run(input, context);
  return typeof output === "string" ? { text: output } : output;
}
const text = async (path: string) => (await workspace.readFile(path)).bytes.toString();
const put = (path: string, data: string | Uint8Array) => workspace.writeFile(path, data, { overwrite: true });

describe("read_file", () => {
  it("gives lines with their numbers, and the file's origin", async () => {
    await workspace.writingAs(() => "web").writeFile("a.txt", "one\r\ntwo\n", { overwrite: true });
    expect(await read({ path: "a.txt" })).toEqual({ text: "1\tone\n2\ttwo", origin: "web" });
  });

  it("gives a part, and says how to get the rest", async () => {
    await put("a.txt", "1\n2\n3\n4\n5\n");
    expect((await read({ path: "a.txt", offset: 2, limit: 2 })).text).toBe(
      "2\t2\n3\t3\n[Lines 2 to 3 of 5. The rest: offset 4.]",
    );
    expect((await read({ path: "a.txt", offset: 9 })).text).toBe("[The file ends at line 5.]");
  });

  it.each([
    ["many lines", "a line of some length\n".repeat(9_000)],
    ["one endless line", "x😀".repeat(40_000)],
  ])("shows 32,000 characters of %s at most, and all of it by its offsets", async (_, content) => {
    await put("long.txt", content);
    const parts: string[] = [];
    for (let offset: number | undefined = 1; offset; ) {
      const { text: shown } = await read({ path: "long.txt", offset });
      expect(shown.length).toBeLessThanOrEqual(32_000);
      const rows = shown.split("\n").filter((row) => /^\d+\t/.test(row));
      parts.push(...rows.map((row) => row.replace(/^\d+\t/, "").replace(/ \[the line goes on\]$/, "")));
      offset = Number(/The rest: offset (\d+)/.exec(shown)?.[1] ?? 0);
    }
    expect(parts.join("")).toBe(content.replaceAll("\n", ""));
  });

  it("gives a PDF as text, page by page", async () => {
    await put("paper.pdf", simplePdf(["The first page", "The second page"]));
    const { text: shown, origin } = await read({ path: "paper.pdf" });
    expect(shown).toMatch(/\[Page 1 of 2\]\n2\tThe first page\n.*\[Page 2 of 2\]\n\d\tThe second page/s);
    expect(origin).toBe("owner");
  });

  it("says what a picture is, and shows it to a model that sees, with the file's origin", async () => {
    const bytes = await plainPicture(30, 20).jpeg().toBuffer();
    await workspace.writingAs(() => "web").writeFile("photo.txt", bytes, { overwrite: true });
    const blind = await read({ path: "photo.txt" });
    expect(blind.text).toMatch(
      /^`photo\.txt` is a picture \(JPEG, 30 × 20 pixels, \d+ bytes\)\. You cannot see pictures/,
    );
    // Nothing of what is in it was handed on.
    expect([blind.picture, blind.origin]).toEqual([undefined, undefined]);
    context.sees = async () => true;
    const hash = createHash("sha256").update(bytes).digest("hex");
    expect(await read({ path: "photo.txt" })).toMatchObject({
      picture: { path: "photo.txt", hash, tokens: 1 },
      origin: "web",
    });
  });

  it("says in a sentence what it cannot show", async () => {
    await put("broken.pdf", "%PDF-1.7 and then nothing of the kind");
    await put("photo.txt", Buffer.from("\x89PNG\r\n\x1a\n\x00\x00", "latin1"));
    await put("scan", Buffer.from("II*\x00\x08\x00\x00\x00", "latin1"));
    await put("program", Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1]));
    await put("latin1.txt", Buffer.from("Grüße", "latin1"));
    await put("empty", "");
    await expect(read({ path: "broken.pdf" })).rejects.toThrow("This PDF is damaged.");
    await expect(read({ path: "photo.txt" })).rejects.toThrow("The picture is damaged.");
    expect((await read({ path: "scan" })).text).toBe(
      "`scan` is a picture (TIFF, 8 bytes) of a form that cannot be shown.",
    );
    expect((await read({ path: "program" })).text).toContain("is neither text in UTF-8 nor a PDF");
    expect((await read({ path: "latin1.txt" })).text).toContain("is neither text in UTF-8 nor a PDF");
    expect((await read({ path: "empty" })).text).toBe("[The file is empty.]");
    await expect(read({ path: "nope.txt" })).rejects.toThrow("There is no `nope.txt`.");
  });
});

describe("create_file", () => {
  it("makes a file and its folders without a question", async () => {
    const input = { path: "a/b.txt", content: "hello" };
    expect(await createFile.confirm?.(input, context)).toBeUndefined();
    expect(await createFile.run(input, context)).toBe("Wrote `a/b.txt` (5 bytes).");
    expect(await text("a/b.txt")).toBe("hello");
  });

  it("asks before it overwrites, and shows with what", async () => {
    await put("a.txt", "old");
    const question = await createFile.confirm?.(
      { path: "a.txt", content: `new\u202e${"x".repeat(2_000)}end` },
      context,
    );
    expect(question).toMatch(/^Overwrite `a\.txt` \(3 bytes\) with 2\.0 kB: `new\\u\{202e\}x+ … x+end`\?$/);
    expect(question?.length).toBeLessThan(400);
  });
});

describe("edit_file", () => {
  const edit = (change: { old: string; new: string; all?: boolean }) =>
    editFile.run({ path: "a.txt", all: false, ...change }, context);

  it("replaces what stands there once, literally", async () => {
    await put("a.txt", "one two three");
    expect(await edit({ old: "two", new: "$& (2)" })).toBe("Edited `a.txt`: 1 replacement.");
    expect(await text("a.txt")).toBe("one $& (2) three");
  });

  it("says where it stands when that is not one place", async () => {
    await put("a.txt", "x\ny\nx\n");
    await expect(edit({ old: "x", new: "z" })).rejects.toThrow("old stands there 2 times (lines 1, 3)");
    await edit({ old: "x", new: "z", all: true });
    expect(await text("a.txt")).toBe("z\ny\nz\n");
  });

  it("says why it does not match", async () => {
    await put("a.txt", "first\n\tif (a.b) {\n");
    await expect(edit({ old: "nothing", new: "z" })).rejects.toThrow("old does not stand in the file");
    await expect(edit({ old: "    if (a.b)  {", new: "z" })).rejects.toThrow(
      "old stands at line 2 only with other spaces",
    );
    await expect(edit({ old: "first", new: "first" })).rejects.toThrow("old and new are the same");
    await put("a.txt", Buffer.from([0, 1, 2]));
    await expect(edit({ old: "a", new: "b" })).rejects.toThrow("`a.txt` is not a text file.");
  });

  it("keeps the line ends of the file, and a byte-order mark", async () => {
    await put("a.txt", "\ufeffone\r\ntwo\r\n");
    await edit({ old: "one\ntwo", new: "1\n2" });
    expect(await text("a.txt")).toBe("\ufeff1\r\n2\r\n");
  });

  it("leaves a file from the web a file from the web", async () => {
    await workspace.writingAs(() => "web").writeFile("a.txt", "page", { overwrite: true });
    await edit({ old: "page", new: "text" });
    expect((await read({ path: "a.txt" })).origin).toBe("web");
  });

  it("asks in a tainted run only", async () => {
    const input = { path: "a.txt", old: "x", new: "y", all: false };
    expect(await editFile.confirm?.(input, context)).toBeUndefined();
    expect(await editFile.confirm?.(input, { ...context, tainted: true })).toBe("In `a.txt`, replace `x` with `y`?");
  });
});

describe("deleting", () => {
  it("asks with the size of the file, then removes it", async () => {
    await put("a.txt", "12345");
    expect(await deleteFile.confirm?.({ path: "a.txt" }, context)).toBe("Delete `a.txt` (5 bytes)?");
    await deleteFile.run({ path: "a.txt" }, context);
    expect(await workspace.stat("a.txt")).toBeUndefined();
  });

  it("asks with the count of files in the folder, then removes it", async () => {
    place.lay("file:d/a;file:d/e/b;ln:$OUT>d/out");
    expect(await deleteDirectory.confirm?.({ path: "d" }, context)).toBe("Delete the folder `d` with 3 files in it?");
    await deleteDirectory.run({ path: "d" }, context);
    expect(await workspace.list("")).toEqual([]);
    expect(place.outsideIsUntouched()).toBe(true);
  });

  it("does not trouble the owner with what cannot be", async () => {
    place.lay("file:d/a");
    await expect(deleteFile.confirm?.({ path: "nope" }, context)).rejects.toThrow("There is no `nope`.");
    await expect(deleteFile.confirm?.({ path: "d" }, context)).rejects.toThrow("`d` is a folder");
    await expect(deleteDirectory.confirm?.({ path: "nope" }, context)).rejects.toThrow("There is no `nope`.");
    await expect(deleteDirectory.confirm?.({ path: "." }, context)).rejects.toThrow("The workspace itself");
    await expect(deleteDirectory.confirm?.({ path: "memory" }, context)).rejects.toThrow("is closed to file tools");
  });
});

describe("create_directory and list_directory", () => {
  const list = (path = "", depth = 1) => listDirectory.run({ path, depth }, context);

  it("show names, sizes and dates, folders with a slash", async () => {
    await createDirectory.run({ path: "new/er" }, context);
    await put("note.md", "12345");
    place.lay("ln:$OUT>link");
    expect(await list("", 2)).toEqual({
      text: expect.stringMatching(
        /^link {2}\(a link.*\)\nnew\/\nnew\/er\/\nnote\.md {2}5 bytes {2}\d{4}-\d\d-\d\d \d\d:\d\d$/,
      ),
      origin: "owner",
    });
    expect(await list("new/er/")).toMatchObject({ text: "[The folder is empty.]" });
  });

  it("carry the origin of the names", async () => {
    await workspace.writingAs(() => "web").writeFile("d/a name from the web", "x", { overwrite: true });
    expect(await list("d")).toMatchObject({ origin: "web" });
  });

  it("show 1,000 entries at most, and say how to get the rest", async () => {
    place.lay(Array.from({ length: 1_003 }, (_, index) => `file:n${index}`).join(";"));
    const { text: shown } = (await list()) as ToolOutput;
    expect(shown.length).toBeLessThanOrEqual(32_000);
    expect(shown).toMatch(/\[The first \d+ entries; there are more\. .*\]$/);
  });
});
