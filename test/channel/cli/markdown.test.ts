import { stripVTControlCharacters } from "node:util";
import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { markdownLines } from "../../../src/channel/cli/markdown.ts";

const shown = (text: string, columns = 40) => markdownLines(text, columns).map(stripVTControlCharacters);

describe("markdown in the terminal", () => {
  it("styles what is emphasised", () => {
    expect(markdownLines("**b** *i* ~~s~~", 40)).toEqual([
      "\u001b[1mb\u001b[0m \u001b[3mi\u001b[0m \u001b[9ms\u001b[0m",
    ]);
  });

  it("wraps at words, and hangs lists under their text", () => {
    expect(shown("- one two three four\n  1. five six seven", 14)).toEqual([
      "• one two",
      "  three four",
      "  1. five six",
      "     seven",
    ]);
  });

  it("keeps the lines that were written", () => {
    expect(shown("Roses\nare red\n\nViolets")).toEqual(["Roses", "are red", "", "Violets"]);
  });

  it("shows code as it is, with its language", () => {
    expect(shown("```ts\nif (a)\n\tb **c**\n```")).toEqual(["  ts", "  if (a)", "      b **c**"]);
  });

  it("always says where a link leads", () => {
    expect(shown("[bank](https://evil.example) and https://a.example", 60)).toEqual([
      "bank (https://evil.example) and https://a.example",
    ]);
  });

  it("lays tables out by what is seen, wide characters too", () => {
    expect(shown("| a | n |\n|---|--:|\n| 漢字 | 1 |\n| b | 22 |")).toEqual(
      ["a    │  n", "─────┼───", "漢字 │  1", "b    │ 22"].map((line) => line.replace("─────┼", "─────┼")),
    );
  });

  it("turns a table that is too wide for its columns into lists", () => {
    expect(shown("| one | two | three |\n|---|---|---|\n| aaaaaaaa | bbbbbbbb | cccccccc |", 16)).toEqual([
      "one: aaaaaaaa",
      "two: bbbbbbbb",
      "three: cccccccc",
    ]);
  });

  it("is never wider than the terminal", () => {
    const text = `# ${"Überschrift ".repeat(9)}\n\n> ${"漢字".repeat(30)}\n\n- ${"x".repeat(90)}\n\n| a | b |\n|-|-|\n| ${"word ".repeat(20)} | ${"y".repeat(50)} |\n\n\`\`\`\n${"z".repeat(70)}\n\`\`\``;
    for (const columns of [80, 40, 21]) {
      for (const line of markdownLines(text, columns)) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
    }
  });

  it.each([
    ["a title", "\u001b]0;title\u0007safe"],
    ["a title without an end", "safe\u001b]0;title"],
    ["moving the cursor", "\u001b[2J\u001b[Hsafe"],
    ["one-byte sequences", "\u009b2Jsafe\u0090x\u009c"],
    ["a hidden link", "\u001b]8;;https://evil.example\u001b\\safe\u001b]8;;\u001b\\"],
    ["backspaces and bells", "sa\u0008\u0007fe"],
    ["turned writing", "\u202esafe"],
    ["a carriage return", "safe\r"],
  ])("does not let the text reach for the terminal: %s", (_, text) => {
    expect(markdownLines(text, 40).join("").trim()).toBe("safe");
    expect(markdownLines(`\`${text}\``, 40).join("")).toMatch(/^(?:\u001b\[[\d;]*m|[^\u0000-\u001f\u007f-\u009f])*$/);
  });

  it("shows what is nested beyond reason as it was written", () => {
    expect(shown(">".repeat(20_000), 80).length).toBeGreaterThan(0);
  });
});
