import { describe, expect, it } from "vitest";
import { agentIdProblem, downloadNameProblem, isGitName, nameProblem, pathParts } from "../../src/sandbox/names.ts";

describe("a path", () => {
  it("loses what does not count in it", () => {
    expect(pathParts("./notes//a.txt")).toEqual(["notes", "a.txt"]);
    expect(pathParts("docs/")).toEqual(["docs"]);
    expect(pathParts(".")).toEqual([]);
    expect(pathParts("")).toEqual([]);
  });

  it("is taken literally", () => {
    expect(pathParts("%2e%2e/x")).toEqual(["%2e%2e", "x"]);
    expect(pathParts("~/$HOME/*.txt")).toEqual(["~", "$HOME", "*.txt"]);
    expect(pathParts("cafe\u0301.txt")).toEqual(["cafe\u0301.txt"]);
  });

  it.each(["a/../b", "/a", "~/../x", "http://a.example/b", "C:/x", "C:x", "a/‥/b", "a\u2100b"])(
    "%s is refused",
    (path) => {
      expect(() => pathParts(path)).toThrow(/\.$/);
    },
  );

  it.each(["http://a.example/b", "svn+ssh://a/b", "H2://a"])("%s is told to be an address", (path) => {
    expect(() => pathParts(path)).toThrow("is an address, not the path of a file.");
  });

  it("is told to have a colon in it when an address stands only in its midst", () => {
    expect(() => pathParts("notes/http://a.example/b")).toThrow("The path cannot be used: `http:` has a colon in it.");
  });

  it("is told what is wrong with it", () => {
    expect(() => pathParts("a/../b")).toThrow("`..` leads out of its folder.");
    expect(() => pathParts("a/．．")).toThrow("`．．` leads out of its folder.");
    expect(() => pathParts("a/b. ")).toThrow("`b. ` ends in a dot or a space.");
    expect(() => pathParts("a/b\\c")).toThrow("`b\\c` has a slash or backslash in it.");
    expect(() => pathParts("/etc/passwd")).toThrow("`/etc/passwd` is absolute");
  });

  it("has 32 levels at most", () => {
    expect(pathParts("d/".repeat(32))).toHaveLength(32);
    expect(() => pathParts("d/".repeat(33))).toThrow("more than 32 levels");
  });
});

describe("a name", () => {
  it.each(["CON", "con.txt", "Com9", "LPT¹", "aux .txt", "nul", "conin$"])("%s is a device", (name) => {
    expect(nameProblem(name)).toContain("device");
  });

  it("has 255 bytes at most", () => {
    expect(nameProblem(`${"ä".repeat(127)}a`)).toBeUndefined();
    expect(nameProblem("ä".repeat(128))).toMatch(/is longer than 255 bytes\.$/);
  });

  it.each([
    "contact.md",
    "com10",
    "icon",
    "falcon.txt",
    ".. a",
    "auxiliary",
    "lpt",
    "年報：２０２６.md",
    "😀❤️.txt",
    "a b.txt",
    "…and more.txt",
  ])("%s is fine", (name) => expect(nameProblem(name)).toBeUndefined());

  it.each(["\u202e", "\u2066", "\u200d", "\u00ad", "\u2028", "\u{e0041}", "\u3164", "\udfff", "\u007f", "\t"])(
    "with %j in it is refused, and the sentence shows it",
    (character) => expect(nameProblem(`a${character}b`)).toMatch(/`a\\u\{[0-9a-f]+\}b` has an invisible character/),
  );

  it.each([".git", ".GIT", "GIT~1", "git~2", "git~12", ".ｇｉｔ", ".gıt", ".git. "])("%s is git's", (name) => {
    expect(isGitName(name)).toBe(true);
  });

  it.each([".gitignore", "x.git", "git", ".github", "git~x"])("%s is not git's", (name) => {
    expect(isGitName(name)).toBe(false);
  });
});

describe("a download's name", () => {
  it.each([".bashrc", "-rf", "..", "", "a\\b", "．hidden", "a:b", `${"a".repeat(252)}.pdf`])(
    "%s is refused",
    (name) => {
      expect(downloadNameProblem(name)).toMatch(/\.$/);
    },
  );
});

describe("a good name for a download", () => {
  it.each(["report.v2.pdf", "a-b.txt", "年報.pdf"])("%s is taken", (name) => {
    expect(downloadNameProblem(name)).toBeUndefined();
  });
});

describe("an agent's id", () => {
  it.each([
    "Research",
    "1st",
    "core",
    "memory",
    "constructor",
    "prototype",
    "main",
    "com1",
    "a.b",
    "a\n",
    "",
    "é",
    "a".repeat(65),
  ])("%j is refused", (id) => expect(agentIdProblem(id)).toMatch(/\.$/));

  it.each(["a", "research", "a".repeat(64), "con2"])("%s is fine", (id) => {
    expect(agentIdProblem(id)).toBeUndefined();
  });
});
