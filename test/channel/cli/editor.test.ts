import { describe, expect, it } from "vitest";
import { type Editor, type EditorAction, edit } from "../../../src/channel/cli/editor.ts";
import { layOut } from "../../../src/channel/cli/editor-layout.ts";

/** `|` stands for the cursor. */
function editor(marked: string): Editor {
  return { text: marked.replace("|", ""), cursor: marked.indexOf("|") };
}

function marked({ text, cursor }: Editor): string {
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

describe("the editor", () => {
  it.each<[EditorAction["type"], string, string]>([
    ["backspace", "ab|c", "a|c"],
    ["backspace", "|abc", "|abc"],
    ["backspace", "x👩‍👩‍👧‍👦|y", "x|y"],
    ["backspace", "e\u0301|", "|"],
    ["delete", "|漢字", "|字"],
    ["left", "漢字|", "漢|字"],
    ["right", "|👍🏽a", "👍🏽|a"],
    ["word-left", "one two.txt| x", "one two.|txt x"],
    ["word-left", "one  |", "|one  "],
    ["word-right", "one| über das", "one über| das"],
    ["kill-word", "one two |three", "one |three"],
    ["kill-word-right", "one| two three", "one| three"],
    ["kill-to-start", "a\nb c|d", "a\n|d"],
    ["kill-to-end", "a|b\nc", "a|\nc"],
    ["line-start", "a\nbc|", "a\n|bc"],
    ["line-end", "|ab\nc", "ab|\nc"],
  ])("%s: %s becomes %s", (type, before, after) => {
    expect(marked(edit(editor(before), { type } as EditorAction))).toBe(after);
  });

  it("keeps the newlines and tabs of a paste, and nothing that could reach for the terminal", () => {
    const pasted = edit(editor("a|b"), { type: "insert", text: "1\r\n2\r\t3\u001b[31m\u0000" });
    expect(marked(pasted)).toBe("a1\n2\n\t3[31m|b");
  });

  it("moves by rows as they are laid out, keeping the column where it can", () => {
    const up = { type: "row-up", columns: 6 } as const;
    expect(marked(edit(editor("abcdefg|h"), up))).toBe("ab|cdefgh");
    expect(marked(edit(editor("a\nbcd|"), up))).toBe("a|\nbcd");
    expect(marked(edit(editor("ab|cdefgh"), { ...up, type: "row-down" }))).toBe("abcdefg|h");
  });
});

describe("the layout of what is written", () => {
  it("counts wide characters as two columns and never parts one", () => {
    expect(layOut("漢字漢字", 4, 6)).toEqual({ rows: ["漢字", "漢字"], cursor: { row: 1, column: 4 } });
  });

  it("leaves a column for the cursor behind the last character", () => {
    expect(layOut("abcdef", 6, 6)).toEqual({ rows: ["abcde", "f"], cursor: { row: 1, column: 1 } });
  });

  it("has a row for the newline at the end", () => {
    expect(layOut("a\n", 2, 10)).toEqual({ rows: ["a", ""], cursor: { row: 1, column: 0 } });
  });
});
