import { describe, expect, it } from "vitest";
import { quoted, visible } from "../../src/sandbox/visible.ts";

describe("a text as it is shown", () => {
  it("has a number in place of each character that nobody sees", () => {
    expect(visible("a\u200bb\u202e\nc\u0000")).toBe("a\\u{200b}b\\u{202e}\\u{a}c\\u{0}");
    expect(visible("❤️ ä 年 a b")).toBe("❤️ ä 年 a b");
  });

  it("stands between backquotes and cannot end them", () => {
    expect(quoted("a`b`c\u2028")).toBe("`a\\u{60}b\\u{60}c\\u{2028}`");
  });

  it("keeps head and tail where it is long, whole characters each", () => {
    expect(quoted("x".repeat(120))).toBe(`\`${"x".repeat(120)}\``);
    expect(quoted(`${"a".repeat(100)}😀${"b".repeat(100)}`)).toBe(`\`${"a".repeat(80)} … ${"b".repeat(40)}\``);
    expect(quoted("😀".repeat(10), 9)).toBe(`\`${"😀".repeat(6)} … ${"😀".repeat(3)}\``);
  });
});
