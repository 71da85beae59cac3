import { Readability } from "@mozilla/readability";
import { describe, expect, it } from "vitest";
import { readPage } from "../../src/reader/readable.ts";

const address = "https://example.com/docs/page";
const page = (body: string, head = "<title> The \n page </title>") =>
  `<!doctype html><html><head>${head}</head><body>${body}</body></html>`;
const text = (body: string, head?: string) => readPage(page(body, head), address).text;
const filler = "<p>Words that go on for a while, with commas, so that this is an article and not a menu. </p>".repeat(
  12,
);

describe("a page", () => {
  it("is its article, without what stands around it", () => {
    const { title, text } = readPage(
      page(`<nav><a href="/">Home</a></nav><article><h1>Bread</h1>${filler}</article><footer>Imprint</footer>`),
      address,
    );
    expect(title).toBe("The page");
    expect(text).toContain("Words that go on");
    expect(text).not.toMatch(/Home|Imprint/);
  });

  it("has its links in an article seen from its base, and is without marks that are for the eye alone", () => {
    const said = text(
      `<article><h2>Bread<a aria-hidden="true" href="#bread">mark</a></h2><p>See <a href="two">the other</a>.</p>${filler}</article>`,
      '<base href="/book/"><title>x</title>',
    );
    expect(said).toContain("See [the other](https://example.com/book/two).");
    expect(said).not.toContain("mark");
  });

  it("is read without the steps of Readability that it does not need, which are still called so", () => {
    expect(Object.keys(Readability.prototype)).toEqual(
      expect.arrayContaining(["_isProbablyVisible", "_fixRelativeUris"]),
    );
  });

  it("is all of it where there is no article", () => {
    expect(text("<div>Open from <b>9</b> to 17</div>")).toBe("Open from **9** to 17");
  });

  it("keeps headings, lists, quotations and links as markdown, seen from the page", () => {
    const list = "<ul><li>one<ol start=3><li>three</li><li><p>four</p></li></ol></li><li>two</li></ul>";
    const link = `<p>See <a href="../other?a=(b)"> the  <i>other</i> </a>, <a href="javascript:x()">not this</a> and <a href="#x">here</a>.</p>`;
    expect(text(`<h2>A <em>head</em></h2>${link}${list}<blockquote><p>said</p><p>so</p></blockquote><hr>`)).toBe(
      [
        "## A *head*",
        "",
        "See [the *other*](https://example.com/other?a=%28b%29) , not this and here.".replace(" ,", " ,"),
        "",
        "- one\n  3. three\n  4. four\n- two",
        "",
        "> said\n>\n> so\n>",
        "",
        "---",
      ].join("\n"),
    );
  });

  it("keeps code as it is, with its language", () => {
    const code = "<pre><code class='hljs language-ts'>const a = 1;\n\n  if (a &lt; 2) {}\n</code></pre>";
    expect(text(`<p>Do <code>npm i</code></p>${code}`)).toBe(
      "Do `npm i`\n\n```ts\nconst a = 1;\n\n  if (a < 2) {}\n```",
    );
    expect(text("<pre>a ``` b</pre>")).toBe("````\na ``` b\n````");
  });

  it("keeps tables", () => {
    const table =
      "<table><caption>Prices</caption><thead><tr><th>What</th><th>How | much</th></tr></thead><tbody><tr><td>Bread<br>white</td><td><p>3</p></td></tr><tr><td>Salt</td></tr></tbody></table>";
    expect(text(table)).toBe("Prices\n\n| What | How \\| much |\n| --- | --- |\n| Bread white | 3 |\n| Salt |  |");
    expect(text("<table><tr><td><p>Only</p><p>arranged</p></td></tr></table>")).toBe("Only\n\narranged");
  });

  it("keeps a table and code inside of an article", () => {
    const inner = `${filler}<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table><pre><code>x = 1</code></pre>${filler}`;
    expect(text(`<article>${inner}</article>`)).toMatch(
      /\| a \| b \|\n\| --- \| --- \|\n\| 1 \| 2 \|[\s\S]*```\nx = 1\n```/,
    );
  });

  it("is read although tags are missing", () => {
    expect(readPage("<title>T</title><p>one<p>two", address)).toEqual({ title: "T", text: "one\n\ntwo" });
    expect(readPage("<html><head><title>T</title></head><p>one</html>", address)).toEqual({ title: "T", text: "one" });
    expect(readPage("just words", address)).toEqual({ title: "", text: "just words" });
    expect(readPage("", address)).toEqual({ title: "", text: "" });
  });

  it("that is nested without end is text alone", () => {
    expect(text(`${"<div>".repeat(5_000)}deep`)).toBe("deep");
  });
});

describe("what a page shows to nobody", () => {
  it.each([
    "<!-- CANARY -->",
    "<p><!-- <b> CANARY --></p>",
    "<span style='display: none'>CANARY</span>",
    "<span style='color:red;DISPLAY:NONE !important'>CANARY</span>",
    "<span style='display:/**/none'>CANARY</span>",
    "<span style='visibility:hidden'>CANARY</span>",
    "<span style='opacity:0'>CANARY</span>",
    "<span style='opacity: 0.0;'>CANARY</span>",
    "<span style='font-size:0'>CANARY</span>",
    "<span style='font-size: 0px'>CANARY</span>",
    "<span style='font: 0/0 a'>CANARY</span>",
    "<span style='font: bold 0px serif'>CANARY</span>",
    "<span style='color:transparent'>CANARY</span>",
    "<span style='color:rgba(0, 0, 0, 0)'>CANARY</span>",
    "<span style='color: #FFF; background-color: #fff'>CANARY</span>",
    "<span style='position:absolute; left:-9999px'>CANARY</span>",
    "<span style='text-indent:-999em'>CANARY</span>",
    "<span style='height:0;overflow:hidden'>CANARY</span>",
    "<span style='clip: rect(0 0 0 0)'>CANARY</span>",
    "<span style='transform: scale(0)'>CANARY</span>",
    "<div hidden><p>CANARY</p></div>",
    "<img src=x alt=CANARY title=CANARY>",
    "<a href='/x' title=CANARY aria-label=CANARY>link</a>",
    "<input type=hidden value=CANARY><input placeholder=CANARY>",
    "<template><p>CANARY</p></template>",
    "<noscript><p>CANARY</p></noscript>",
    "<script>CANARY</script><style>CANARY{}</style>",
    "<svg><title>CANARY</title><text>CANARY</text></svg>",
    "<iframe>CANARY</iframe><object>CANARY</object><canvas>CANARY</canvas><video>CANARY</video>",
    "<dialog>CANARY</dialog>",
    "<style>.off, p.gone { color: red; display: none }</style><i class='a off'>CANARY</i><p class=gone>CANARY</p>",
    "<style>@media print { a {} } #off{font-size:0}</style><i id=off>CANARY</i>",
  ])("is left out: %s", (hidden) => {
    expect(text(`<p>before</p>${hidden}<p>after</p>`)).toMatch(/^before[\s\S]*after$/);
    expect(JSON.stringify(readPage(page(`<article>${filler}${hidden}${filler}</article>`), address))).not.toContain(
      "CANARY",
    );
    expect(text(`<p>before</p>${hidden}<p>after</p>`)).not.toContain("CANARY");
  });

  it.each([
    "<span style='opacity:0.5'>shown</span>",
    "<span style='font-size:10px'>shown</span>",
    "<span style='font-size:0.9em'>shown</span>",
    "<span style='font:bold 10px/1.0 serif'>shown</span>",
    "<span style='color:#100;background:#fff'>shown</span>",
    "<span style='margin-left:-10px'>shown</span>",
    "<style>@media print{.x{display:none}}</style><span class=x>shown</span>",
    "<style>body.menu .x{display:none}</style><span class=x>shown</span>",
    "<details><summary>more</summary>shown</details>",
  ])("is not taken for hidden: %s", (shown) => {
    expect(text(`<p>before</p>${shown}`)).toContain("shown");
  });

  it("does not become the title either", () => {
    const head = `<title>Real</title><meta property="og:title" content="CANARY"><script type="application/ld+json">{"@context":"https://schema.org","@type":"Article","headline":"CANARY"}</script>`;
    expect(JSON.stringify(readPage(page(`<article>${filler}</article>`, head), address))).not.toContain("CANARY");
  });
});
