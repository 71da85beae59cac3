import { describe, expect, it } from "vitest";
import { formatMessage, formatNotice } from "../../../src/channel/matrix/format.ts";
import { randomMarkdown } from "../../support/random-markdown.ts";

/** An edit holds its text twice; encryption adds a third, and some hundred bytes around it. */
function bytesAsEncryptedEdit(content: object): number {
  const edit = {
    ...content,
    "m.new_content": content,
    "m.relates_to": { rel_type: "m.replace", event_id: "$".repeat(64) },
  };
  return Math.ceil((Buffer.byteLength(JSON.stringify(edit)) * 4) / 3) + 2000;
}

function parts(markdown: string) {
  const messages = formatMessage(markdown);
  for (const message of messages) expect(bytesAsEncryptedEdit(message)).toBeLessThan(65_536);
  return messages;
}

describe("a long answer", () => {
  it("is cut between paragraphs, and nothing of it is lost", () => {
    const paragraphs = Array.from({ length: 400 }, (_, index) => `Paragraph ${index}: ${"word ".repeat(40)}end.`);
    const messages = parts(paragraphs.join("\n\n"));
    expect(messages.length).toBeGreaterThan(1);
    expect(messages.map(({ body }) => body).join("\n\n")).toBe(paragraphs.join("\n\n"));
  });

  it("closes a code block and opens it again with its language", () => {
    const lines = Array.from({ length: 3000 }, (_, index) => `const value${index} = "${"x".repeat(20)}";`);
    const messages = parts(`Here:\n\n\`\`\`ts\n${lines.join("\n")}\n\`\`\``);
    expect(messages.length).toBeGreaterThan(2);
    const codes = messages.map(
      ({ formatted_body }) => /<code class="language-ts">([\s\S]*)\n<\/code>/.exec(formatted_body)?.[1] ?? "",
    );
    expect(codes.filter(Boolean).join("\n").replaceAll("&quot;", '"')).toBe(lines.join("\n"));
  });

  it("repeats the head of a table", () => {
    const rows = Array.from({ length: 1500 }, (_, index) => `| ${index} | ${"cell ".repeat(8)} |`);
    const messages = parts(`| number | text |\n|-|-|\n${rows.join("\n")}`);
    expect(messages.length).toBeGreaterThan(1);
    for (const { formatted_body, body } of messages) {
      expect(formatted_body).toMatch(/^<table><thead><tr><th>number<\/th>/);
      expect(body).toMatch(/^number \| text\n/);
    }
    expect(messages.map(({ body }) => body).join("\n")).toContain("\n1499 | ");
  });

  it("goes on with the number of a list", () => {
    const items = Array.from({ length: 2000 }, (_, index) => `${index + 1}. item ${index + 1} ${"x".repeat(20)}`);
    const [, second] = parts(items.join("\n"));
    const [, start] = /^<ol start="(\d+)"><li>item (\d+)/.exec(second?.formatted_body ?? "") ?? [];
    expect(Number(start)).toBeGreaterThan(1);
    expect(second?.formatted_body).toContain(`<ol start="${start}"><li>item ${start} `);
    expect(second?.body.startsWith(`${start}. item ${start} `)).toBe(true);
  });

  it("keeps a heading with what stands under it", () => {
    const sections = Array.from({ length: 200 }, (_, index) => `## Part ${index}\n\n${"word ".repeat(60)}`);
    for (const { formatted_body } of parts(sections.join("\n\n"))) expect(formatted_body).not.toMatch(/<\/h2>$/);
  });

  it.each([
    ["one word", "x".repeat(100_000)],
    ["one word in bold", `**${"x".repeat(100_000)}**`],
    ["characters of two halves", "😀".repeat(30_000)],
    ["one odd half before them", `x${"😀".repeat(30_000)}`],
    ["characters that JSON escapes", `"\\\t`.repeat(30_000)],
    ["characters that HTML escapes", "<&>".repeat(30_000)],
    ["one line of code", `\`\`\`\n${"x".repeat(100_000)}\n\`\`\``],
    ["a cell", `|a|b|\n|-|-|\n|1|${"word ".repeat(20_000)}|`],
    ["a head without rows", `|${"word ".repeat(10_000)}|\n|-|`],
    ["an item", `1. ${"word ".repeat(20_000)}\n2. short`],
    ["quotes in quotes", `> > > ${"word ".repeat(20_000)}`],
    ["a quote of many lines", "> a\n>\n> b\n>\n".repeat(10_000)],
    [
      "lists in lists",
      Array.from({ length: 8 }, (_, level) => `${"  ".repeat(level)}- ${"word ".repeat(3000)}`).join("\n"),
    ],
    ["an address", `[x](https://example.com/${"y".repeat(100_000)})`],
    ["many links", "[x](https://example.com/y) ".repeat(4000)],
  ])("whose length is %s fits", (_, markdown) => {
    const messages = parts(markdown);
    expect(messages.length).toBeGreaterThan(1);
    for (const { body, formatted_body } of messages)
      expect([body, formatted_body].every((text) => text.isWellFormed())).toBe(true);
    const letters = (text: string) => text.match(/[x😀y]|word|<&>|\\/gu)?.length ?? 0;
    expect(letters(messages.map(({ body }) => body).join(""))).toBeGreaterThanOrEqual(
      letters(markdown.replace(/^> /gm, "")) - 1,
    );
  });

  it("that is folded away stays folded in each part", () => {
    const messages = formatNotice("word ".repeat(20_000), { summary: "all" });
    expect(messages.length).toBeGreaterThan(1);
    for (const { formatted_body } of messages)
      expect(formatted_body).toMatch(/^<details><summary>all<\/summary>[\s\S]*<\/details>$/);
  });
});

describe("any markdown at all", () => {
  it("gives events that are small enough and hold no tag but ours", { timeout: 120_000 }, () => {
    const allowed =
      /^<\/?(?:p|h[1-6]|strong|em|del|code|pre|blockquote|[uo]l|li|table|thead|tbody|t[rdh]|hr|br|a|details|summary)(?: class="language-[\w+#.-]+"| start="\d+"| href="(?:https?:|mailto:)[^"<>]*")?>$/;
    for (let seed = 1; seed <= 400; seed++) {
      const markdown = randomMarkdown(seed);
      for (const message of parts(markdown)) {
        for (const [tag] of message.formatted_body.matchAll(/<[^>]*>/g)) expect(tag).toMatch(allowed);
        expect(message.formatted_body.replace(/<[^>]*>/g, "")).not.toContain("<");
        expect(message.body).not.toMatch(/@room\b/i);
      }
      for (const { body, formatted_body } of formatMessage(markdown, { isAllowedLink: () => false }))
        expect(`${seed} ${body}\n${formatted_body}`).not.toMatch(/https?:\/\/\w|evil\.example/i);
    }
  });

  it.each([
    ["brackets", "[".repeat(50_000)],
    ["links that never close", "[a](".repeat(10_000)],
    ["stars", "*a ".repeat(20_000)],
    ["underscores", "_".repeat(50_000)],
    ["backquotes", "`".repeat(50_000)],
    ["quotes", ">".repeat(20_000)],
    ["lists in lists", Array.from({ length: 200 }, (_, level) => `${" ".repeat(level)}- x`).join("\n")],
    ["tags", "<a ".repeat(20_000)],
    ["pipes", "|".repeat(20_000)],
    ["labels of a host", "a.".repeat(30_000)],
    ["a name without end", "a".repeat(60_000)],
    ["ids", "@a:".repeat(20_000)],
    ["numbers with dots", "1.".repeat(30_000)],
  ])("%s do not hold us up", (_, markdown) => {
    const before = performance.now();
    parts(markdown);
    formatMessage(markdown, { isAllowedLink: () => false });
    expect(performance.now() - before).toBeLessThan(5000);
  });
});
