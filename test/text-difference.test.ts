import { describe, expect, it } from "vitest";
import { lineDifference } from "../src/text-difference.ts";

describe("a difference of two texts", () => {
  it.each([
    ["a\nb\nc", "a\nc", "- b"],
    ["a\nc", "a\nb\nc", "+ b"],
    ["a\nb\nc", "a\nB\nc", "- b\n+ B"],
    ["a\nb\n", "b\na\n", "- a\n+ a"],
    ["a\nb", "a\nb\n\n", ""],
    ["a\r\nb\r\n", "a\nb\n", ""],
    ["", "a\n\nb", "+ a\n+ \n+ b"],
    ["a\nb", "", "- a\n- b"],
    ["", "", ""],
    ["- x", "- x\n+ y", "+ + y"],
  ])("from %j to %j", (before, after, expected) => {
    expect(lineDifference(before, after)).toBe(expected);
  });

  it("leaves the lines that both have in common alone, as many as can be", () => {
    const before = Array.from({ length: 200 }, (_, index) => `line ${index % 40}`);
    const after = [...before.slice(0, 50), "new", ...before.slice(60)];
    const lines = lineDifference(before.join("\n"), after.join("\n")).split("\n");
    expect(lines.filter((line) => line.startsWith("- "))).toHaveLength(10);
    expect(lines.filter((line) => line.startsWith("+ "))).toEqual(["+ new"]);
  });
});
