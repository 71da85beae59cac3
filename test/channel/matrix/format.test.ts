import { describe, expect, it } from "vitest";
import { formatMessage, formatNotice } from "../../../src/channel/matrix/format.ts";

const ada = { userId: "@ada:memtrix.local", name: "Ada" };

function html(markdown: string, options = {}): string {
  return formatMessage(markdown, options)
    .map((part) => part.formatted_body)
    .join("\n\n");
}

function body(markdown: string, options = {}): string {
  return formatMessage(markdown, options)
    .map((part) => part.body)
    .join("\n\n");
}

describe("an answer in markdown", () => {
  it.each([
    ["Hello **you**, _all_ ~~three~~", "Hello <strong>you</strong>, <em>all</em> <del>three</del>"],
    ["one\ntwo", "one<br>two"],
    ["one\n\ntwo", "<p>one</p>\n<p>two</p>"],
    ["## Title", "<h2>Title</h2>"],
    ["`a < b`", "<code>a &lt; b</code>"],
    ["```ts\na && b\n```", '<pre><code class="language-ts">a &amp;&amp; b\n</code></pre>'],
    ['```"><img src=x\na\n```', "<pre><code>a\n</code></pre>"],
    ["- a\n- b", "<ul><li>a</li><li>b</li></ul>"],
    ["3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'],
    ["- [x] done\n- [ ] open", "<ul><li>☑ done</li><li>☐ open</li></ul>"],
    ["> a\n> > b", "<blockquote><p>a</p>\n<blockquote><p>b</p></blockquote></blockquote>"],
    ["---", "<hr>"],
    [
      "|a|b|\n|-|-|\n|1|`2`|",
      "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td><code>2</code></td></tr></tbody></table>",
    ],
    ["a &amp; b &copy; &#65;", "a &amp; b © A"],
  ])("%j becomes the HTML that clients show", (markdown, expected) => {
    expect(html(markdown)).toBe(expected);
  });

  it("has a body that reads well without HTML", () => {
    const markdown =
      "# Plan\n\n1. **buy** milk\n2. rest\n\n> so it is\n\n|a|b|\n|-|-|\n|1|2|\n\n```sh\nls\n```\n\n[docs](https://example.com/x)";
    expect(body(markdown)).toBe(
      "Plan\n\n1. buy milk\n2. rest\n\n> so it is\n\na | b\n1 | 2\n\n```sh\nls\n```\n\ndocs (https://example.com/x)",
    );
  });

  it("that is blank is no event; one that markdown would swallow whole is shown as it is", () => {
    expect(formatMessage(" \n\n ")).toEqual([]);
    expect(body("[1]: https://example.com/")).toBe("[1]: https://example.com/");
  });

  it("can be a notice, folded under a summary", () => {
    const [notice] = formatNotice("3 hits", { summary: "**search_memory**" });
    expect(notice).toMatchObject({
      msgtype: "m.notice",
      body: "search_memory\n\n3 hits",
      formatted_body: "<details><summary><strong>search_memory</strong></summary><p>3 hits</p></details>",
    });
  });
});

describe("what the model writes as HTML", () => {
  it.each([
    "<script>alert(1)</script>",
    "<b onclick=x>hi</b>",
    "a <img src=https://x.example/i.png> b",
    "<!-- <img> -->",
    "<details><summary>x</summary></details>",
    "<svg/onload=alert(1)>",
    "**<u>**</u>",
    "| <i> |\n|-|\n| <a href='x'> |",
    "&lt;img src=x&gt;",
    "&#60;img src=x&#62;",
  ])("stays text: %j", (markdown) => {
    expect(html(markdown)).not.toMatch(/<\/?(script|b|img|details|summary|svg|u|i|a|!--)\b/);
  });

  it.each([
    "[x](javascript:alert(1))",
    "[x](data:text/html,hi)",
    "![x](file:///etc/passwd)",
    "[x](vbscript:a)",
    "[x](matrix:r/room:x.org)",
  ])("is no link that a click could follow: %s", (markdown) => {
    expect(html(markdown)).not.toContain("href");
  });
});

describe("a link", () => {
  it.each([
    ["[docs](https://example.com/x)", "docs (example.com)"],
    ["https://example.com/x", "https://example.com/x"],
    ["www.example.com", "www.example.com"],
    ["[example.com](https://www.example.com/)", "example.com"],
    ["[https://bank.com](https://evil.com/)", "https://bank.com (leads to evil.com)"],
    ["[bank.com](https://bank.com@evil.com/)", "bank.com (leads to evil.com)"],
    ["[bank.com evil.com](https://evil.com/)", "bank.com evil.com (leads to evil.com)"],
    ["[раураl.com](https://xn--80aa0cbo65f.com/)", "раураl.com (leads to xn--80aa0cbo65f.com)"],
    ["[](https://evil.com/x)", "https://evil.com/x"],
    ["![a map](https://evil.com/map.png)", "a map (evil.com)"],
    ["[me@x.org](mailto:you@evil.com)", "me@x.org (leads to you@evil.com)"],
    ["[\u202ekcab](https://evil.com/)", "kcab (evil.com)"],
  ])("%s says where it leads: %s", (markdown, label) => {
    const [, shown] = /<a href="[^"]*">(.*)<\/a>/.exec(html(markdown)) ?? [];
    expect(shown).toBe(label);
  });
});

describe("mentions", () => {
  it("are pills for those who may be mentioned, and stand in m.mentions", () => {
    for (const text of [
      "hi @ada:memtrix.local",
      "hi @Ada",
      "hi [you](https://matrix.to/#/@ada:memtrix.local)",
      "hi [you](https://matrix.to/#/%40ada%3Amemtrix.local)",
    ]) {
      expect(formatMessage(text, { mentions: [ada] })).toMatchObject([
        {
          body: "hi Ada",
          formatted_body: 'hi <a href="https://matrix.to/#/@ada:memtrix.local">Ada</a>',
          "m.mentions": { user_ids: [ada.userId] },
        },
      ]);
    }
  });

  it.each([
    "`@ada:memtrix.local`",
    "```\n@ada:memtrix.local @Ada\n```",
    "@adam and me@ada.org",
    "@bob:memtrix.local",
    "[Bob](https://matrix.to/#/@bob:memtrix.local)",
    "[Bob](matrix:u/bob:memtrix.local)",
    "@ada:memtrix.local.evil.com",
    "@room @ROOM @**room** `@room`",
  ])("are nobody else's: %s", (markdown) => {
    const [message] = formatMessage(markdown, { mentions: [ada] });
    expect(message?.["m.mentions"]).toEqual({});
    expect(message?.formatted_body).not.toContain("matrix.to");
    expect(message?.body).not.toMatch(/@room/i);
  });

  it("are there, empty, in every event", () => {
    for (const part of [...formatMessage("a ".repeat(50_000)), ...formatNotice("x")])
      expect(part["m.mentions"]).toEqual({});
  });

  it("take a strange display name as text", () => {
    const strange = { userId: "@ada:memtrix.local", name: `<b>"A"\n${"d".repeat(5000)}` };
    const [message] = formatMessage("hi @ada:memtrix.local", { mentions: [strange] });
    expect(message?.formatted_body).toContain("&lt;b&gt;&quot;A&quot; ddd");
    expect(message?.body.length).toBeLessThan(100);
  });
});
