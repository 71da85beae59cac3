import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openHistory } from "../../../src/channel/cli/history.ts";

const directory = mkdtempSync(join(tmpdir(), "memtrix-history-"));
const path = join(directory, "data", "chat-history");
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("what was typed before", () => {
  it("is there at the next visit, newlines and all, for its owner's eyes only", () => {
    const history = openHistory(path);
    for (const text of ["one", "two\nlines", "two\nlines"]) history.add(text);
    expect(openHistory(path).entries).toEqual(["one", "two\nlines"]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("is kept to its newest part, and what cannot be read is left out", () => {
    const history = openHistory(path);
    for (const text of ["a", "b", "c"]) history.add(text);
    writeFileSync(path, '"d"\nnot json\n{"e":1}\n', { flag: "a" });
    expect(openHistory(path, 2).entries).toEqual(["c", "d"]);
    expect(openHistory(path).entries).toEqual(["c", "d"]);
  });

  it("does not stop anybody when it cannot be written", () => {
    const history = openHistory(join(import.meta.filename, "chat-history"));
    history.add("x");
    expect(history.entries).toEqual(["x"]);
  });
});
