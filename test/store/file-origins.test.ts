import { describe, expect, it } from "vitest";
import { temporaryStore } from "../support/temporary.ts";

describe("the origin of a file", () => {
  it("is kept for each agent and path, and may change", () => {
    const store = temporaryStore();
    const [mine, theirs] = [store.fileOrigins("main"), store.fileOrigins("gardener")];
    mine.set("a.md", "web");
    theirs.set("a.md", "guest");
    mine.set("a.md", "agent");
    expect([mine.get("a.md"), theirs.get("a.md"), mine.get("A.md")]).toEqual(["agent", "guest", undefined]);
    mine.delete("a.md");
    expect([mine.get("a.md"), theirs.get("a.md")]).toEqual([undefined, "guest"]);
  });

  it("is forgotten with its folder, and that of a neighbour with a like name is not", () => {
    const origins = temporaryStore().fileOrigins("main");
    const inside = ["notes", "notes/a", "notes/a/b/c", "notes/\u{10ffff}", "notes/ ", "notes/%", "notes/_"];
    const beside = [
      "note",
      "notes2",
      "notes2/a",
      "notes-old/a",
      "notes.md",
      "notes0",
      "Notes/a",
      "old/notes/a",
      "notes a/b",
    ];
    for (const path of [...inside, ...beside]) origins.set(path, "web");
    origins.delete("notes");
    expect(inside.filter((path) => origins.get(path))).toEqual([]);
    expect(beside.filter((path) => !origins.get(path))).toEqual([]);
  });

  it("of a folder with wildcards in its name takes no others with it", () => {
    const origins = temporaryStore().fileOrigins("main");
    for (const path of ["100%/a", "100x/a", "a_b/c", "axb/c"]) origins.set(path, "web");
    origins.delete("100%");
    origins.delete("a_b");
    expect([origins.get("100x/a"), origins.get("axb/c")]).toEqual(["web", "web"]);
    expect([origins.get("100%/a"), origins.get("a_b/c")]).toEqual([undefined, undefined]);
  });
});
