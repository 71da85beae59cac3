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

  it("has 32 levels at most", () => {
    expect(pathParts("d/".repeat(32))).toHaveLength(32);
    expect(() => pathParts("d/".repeat(33))).toThrow("more than 32 levels");
  });
});

describe("a name", () => {
  it.each(["CON", "con.txt", "Com9", "LPT¹", "aux .txt", "nul", "conin$"])("%s is a device", (name) => {
    expect(nameProblem(name)).toContain("device");
  });

  it.each(["contact.md", "com10", "auxiliary", "lpt", "年報：２０２６.md", "😀❤️.txt", "a b.txt", "…and more.txt"])(
    "%s is fine",
    (name) => expect(nameProblem(name)).toBeUndefined(),
  );

  it.each(["\u202e", "\u2066", "\u200d", "\u00ad", "\u2028", "\u{e0041}", "\u3164", "\udfff", "\u007f", "\t"])(
    "with %j in it is refused, and the sentence shows it",
    (character) => expect(nameProblem(`a${character}b`)).toMatch(/`a\\u\{[0-9a-f]+\}b` has an invisible character/),
  );

  it.each([".git", ".GIT", "GIT~1", "git~2", ".ｇｉｔ", ".gıt", ".git. "])("%s is git's", (name) => {
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

describe("an agent's id", () => {
  it.each(["Research", "1st", "constructor", "prototype", "main", "com1", "a.b", "a\n", "", "é", "a".repeat(65)])(
    "%j is refused",
    (id) => expect(agentIdProblem(id)).toMatch(/\.$/),
  );

  it.each(["a", "research", "a".repeat(64), "con2"])("%s is fine", (id) => {
    expect(agentIdProblem(id)).toBeUndefined();
  });
});
