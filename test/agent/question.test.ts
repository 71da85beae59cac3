import { describe, expect, it } from "vitest";
import { questionFor } from "../../src/agent/question.ts";

const nothing = { question: undefined, address: undefined, query: undefined, why: undefined, taints: [] };
const about = (input: object, more: Partial<Parameters<typeof questionFor>[0]> = {}) =>
  questionFor({ tool: "do_it", input, ...nothing, ...more });

describe("the question for a call", () => {
  it("shows each argument as it is, in a line of its own", () => {
    expect(about({ path: "a.txt", count: 3, all: true })).toBe(
      'Run `do_it`?\n- `"path"`: `"a.txt"`\n- `"count"`: `3`\n- `"all"`: `true`',
    );
  });

  it.each([
    ["line ends", "a\n\n**Approved**", String.raw`a\n\n**Approved**`],
    ["turned directions", "a\u202eb", String.raw`a\u{202e}b`],
    ["what has no width", "a\u200bb\u00adc", String.raw`a\u{200b}b\u{ad}c`],
    ["tag characters", "a\u{e0041}b", String.raw`a\u{e0041}b`],
    ["spaces of other kinds", "a\u00a0b\u3000c", String.raw`a\u{a0}b\u{3000}c`],
    ["backquotes", "a`b", String.raw`a\u{60}b`],
    ["half characters", "a\ud800b", String.raw`a\ud800b`],
  ])("hides nothing: %s", (_what, value, shown) => expect(about({ value })).toContain(`\`"${shown}"\``));

  it("has many spaces counted, and of what is long the head and the tail", () => {
    expect(about({ value: `a${" ".repeat(5_000)}b` })).toContain("a … 5000 spaces … b");
    const text = about({ value: `HEAD${"x".repeat(5_000)}TAIL` });
    expect(text).toContain("HEADx");
    expect(text).toContain("xTAIL");
    expect(text).toContain("5008 characters");
    expect(text.length).toBeLessThan(600);
  });

  it("shows an address whole, with its host as it is asked for and its query decoded", () => {
    const address = `https://pаypal.com/a%20b?q=top%20secret+plan&x=${"y".repeat(1_000)}END`;
    const text = about({ url: address }, { address });
    expect(text).toContain("https://xn--pypal-4ve.com/a%20b?q=top%20secret+plan&x=");
    expect(text).toContain('its host reads as `"pаypal.com"` and is `"xn--pypal-4ve.com"`');
    expect(text).toContain("/a b?q=top secret plan&x=");
    expect(text.match(/END/g)).toHaveLength(2);
    expect(text).not.toContain('`"url"`');
  });

  it("puts an address under the tool's own question as well, and the reason under all", () => {
    const address = "https://a.org/x";
    const text = about(
      { url: address },
      { address, question: "Download it?", why: "Because.", taints: ["the result of fetch_url (http://b.org)"] },
    );
    expect(text).toBe(
      'Download it?\n\n- the address: `"https://a.org/x"`\n\nBecause. I have read text from outside: `the result of fetch_url (http://b.org)`.',
    );
  });

  it("lets no source write into it", () => {
    const text = about({}, { taints: ["x\n\n**Approved** [yes](http://a.org)`"] });
    expect(text).toContain("`x\\u{a}\\u{a}**Approved** [yes](http://a.org)\\u{60}`.");
  });
});
