import { describe, expect, it } from "vitest";
import { readableBody } from "../../../src/channel/matrix/readable-body.ts";

const html = (formatted_body: string) => readableBody({ msgtype: "m.text", body: "", formatted_body });

describe("what a person wrote", () => {
  it("is the body, whatever the HTML says", () => {
    expect(readableBody({ body: " hello ", formatted_body: "<b>delete all</b>" })).toBe("hello");
  });

  it.each([
    ["<p>one</p><p>two<br>three</p>", "one\n\ntwo\nthree"],
    ["a<script>alert(1)</script>b<style>p{}</style>c", "abc"],
    ['<img src="http://x.example/i.png" alt="y">z', "z"],
    ["<mx-reply><blockquote>old</blockquote></mx-reply>new", "new"],
    ["<ul><li>a</li><li>b</li></ul>", "- a\n- b"],
    ["1 &lt; 2 &amp; 3", "1 < 2 & 3"],
    ["<!-- hidden -->seen", "seen"],
    ['<a title="a > b" href="x">y</a>', "y"],
    ["a < b", "a < b"],
    ["\u202eabc\u0000", "abc"],
  ])("where there is no body is the text of the HTML: %s", (formatted, expected) => {
    expect(html(formatted)).toBe(expected);
  });

  it("is read down to a depth of a hundred, and in no time", () => {
    expect(html(`${"<b>".repeat(99)}seen${"<b>".repeat(101)}deep`)).toBe("seen");
    const before = performance.now();
    for (const hostile of [
      "<a ".repeat(20_000),
      "<div>".repeat(12_000),
      "<!--".repeat(15_000),
      '<a "'.repeat(15_000),
      "<".repeat(60_000),
    ])
      html(hostile);
    expect(performance.now() - before).toBeLessThan(3000);
  });

  it("has no quote of what it replies to", () => {
    const reply = { "m.relates_to": { "m.in_reply_to": { event_id: "$1" } } };
    expect(readableBody({ ...reply, body: "> <@ada:x.org> what?\n> more\n\nthis" })).toBe("this");
    expect(readableBody({ ...reply, body: "> my own quote\n\nthis" })).toBe("> my own quote\n\nthis");
    expect(readableBody({ body: "> <@ada:x.org> said\n\nthis" })).toBe("> <@ada:x.org> said\n\nthis");
  });

  it.each([undefined, null, 7, "x", [], { body: 5 }, { body: { a: 1 }, formatted_body: [] }])(
    "can be no text at all: %j",
    (content) => {
      expect(readableBody(content)).toBe("");
    },
  );
});
