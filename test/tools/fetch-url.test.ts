import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEgress } from "../../src/egress/egress.ts";
import { createPageReader, type PageReader } from "../../src/reader/reader.ts";
import type { ToolOutput } from "../../src/tool.ts";
import fetchUrl from "../../tools/fetch_url.ts";
import { playInternet } from "../support/played-internet.ts";
import { simplePdf } from "../support/simple-pdf.ts";

const url = "http://a.example.com/page";
let reader: PageReader;
beforeAll(() => {
  reader = createPageReader();
});
afterAll(() => reader[Symbol.asyncDispose]());

interface Served {
  type?: string;
  body: string | Uint8Array;
  status?: number;
  headers?: Record<string, string>;
}

async function fetched({ type, body, status = 200, headers = {} }: Served, offset = 0): Promise<ToolOutput> {
  await using internet = await playInternet({
    answers: { "a.example.com": [["93.184.215.14"]] },
    serve: (_, response) =>
      response.writeHead(status, { ...(type ? { "content-type": type } : {}), ...headers }).end(body),
  });
  const egress = createEgress({ allow: [], ...internet.options });
  const output = await fetchUrl.run({ url, offset }, { egress, reader, signal: new AbortController().signal });
  return typeof output === "string" ? { text: output } : output;
}
const head = `Address: ${url}\n\n`;

describe("fetch_url", () => {
  it("gives a page as markdown with its title and where it was found, as foreign text", async () => {
    const body =
      "<html><head><title>Bread\n &amp; salt</title></head><body><h1>Bread</h1><p>Is <b>good</b>.</p></body></html>";
    expect(await fetched({ type: "text/html", body })).toEqual({
      text: `Title: Bread & salt\n${head}# Bread\n\nIs **good**.`,
      origin: "web",
    });
  });

  it.each([
    ["application/json", '{"a": 1}'],
    ["application/feed+json; charset=utf-8", '{"a": 1}'],
    ["application/rss+xml", "<rss><title>x</title></rss>"],
    ["text/xml", "<a/>"],
    ["text/csv", "a,b\n1,2"],
    ["text/plain", "<b>not a page</b>"],
    [undefined, "said by nobody"],
  ])("gives text as it is: %s", async (type, body) => {
    expect((await fetched({ ...(type ? { type } : {}), body })).text).toBe(head + body);
  });

  it("knows a page and a PDF that the server says nothing about", async () => {
    expect((await fetched({ body: "<!doctype html><title>T</title><p>x</p>" })).text).toBe(`Title: T\n${head}x`);
    expect((await fetched({ body: simplePdf(["one", "two"]) })).text).toContain("[Page 2 of 2]\ntwo");
  });

  it("gives the text of a PDF by page", async () => {
    const { text } = await fetched({ type: "application/pdf", body: simplePdf(["Hello", "World"]) });
    expect(text).toBe(`${head}[Page 1 of 2]\nHello\n\n[Page 2 of 2]\nWorld\n`);
  });

  it.each([
    ["text/html; charset=iso-8859-1", Buffer.from("<p>Stra\xdfe</p>", "latin1")],
    ["text/html", Buffer.from('<meta charset="windows-1252"><p>Stra\xdfe</p>', "latin1")],
    ["text/html", Buffer.from("<p>Stra\xdfe</p>", "latin1")],
    ["text/html; charset=nonsense", Buffer.from("<p>Straße</p>")],
    ["text/html; charset=utf-16le", Buffer.from("\ufeff<p>Straße</p>", "utf16le")],
    ["text/html", Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from("<p>Straße</p>")])],
  ])("reads the letters of %s", async (type, body) => {
    expect((await fetched({ type, body })).text).toBe(`${head}Straße`);
  });

  it("comes in parts, each of which says how to get the next", async () => {
    const lines = Array.from({ length: 3_000 }, (_, index) => `line ${index} of the text`);
    const body = lines.join("\n");
    let all = "";
    let offset: number | undefined = 0;
    while (offset !== undefined) {
      const { text } = await fetched({ type: "text/plain", body }, offset);
      expect(text.length).toBeLessThanOrEqual(32_000);
      const part = text.slice(head.length).replace(/\n\n\[(?:Characters|This is)[^\n]*\]$/, "");
      all += part;
      offset = Number(/The rest: offset (\d+)\.\]$/.exec(text)?.[1]) || undefined;
    }
    expect(all).toBe(body);
    expect((await fetched({ type: "text/plain", body }, 1e9)).text).toMatch(/\[It ends at character \d+\.\]$/);
  });

  it("hands on nothing that no reader sees", async () => {
    const tags = [..."CANARY"].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join("");
    const selectors = [..."CANARY"].map((letter) => String.fromCodePoint(0xe0100 + letter.charCodeAt(0))).join("");
    const body = `a${tags}b${selectors}c\u200bd\u202ee\u0007f\ufe0fg\u00adh`;
    for (const type of ["text/plain", "text/html", "application/json"])
      expect((await fetched({ type, body })).text).toBe(`${head}abcdefgh`);
    const hidden = `<title>T${tags}</title><p>seen<!-- CANARY --><i style="display:none">CANARY</i></p>`;
    expect((await fetched({ type: "text/html", body: hidden })).text).toBe(`Title: T\n${head}seen`);
  });

  it.each([
    [{ type: "application/octet-stream", body: "x" }, /is no text \(application\/octet-stream\); download_file/],
    [{ type: "image/png", body: "x" }, /is no text \(image\/png\)/],
    [{ body: Buffer.from([0, 1, 2]) }, /is no text/],
    [
      { type: "text/html", body: "gone", status: 404 },
      /^http:\/\/a\.example\.com answered with 404: there is no such page\.$/,
    ],
    [{ type: "text/html", body: "", status: 503 }, /answered with 503/],
    [{ type: "text/html", body: "", status: 304 }, /answered with 304/],
    [{ type: "application/pdf", body: "no pdf" }, /This PDF is damaged/],
    [{ type: "text/plain", body: "x".repeat(6 * 1024 ** 2) }, /sends more than the 5 MiB/],
    [
      { type: "text/plain", body: gzipSync("x".repeat(6e5)), headers: { "content-encoding": "gzip" } },
      /100 times its size/,
    ],
  ])("says in a sentence what cannot be read: %o", async (served, sentence) => {
    await expect(fetched(served as Served)).rejects.toThrow(sentence);
    await expect(fetched(served as Served)).rejects.not.toThrow(/\/page/);
  });

  it("says where a redirect has led", async () => {
    await using internet = await playInternet({
      answers: { "a.example.com": [["93.184.215.14"]], "b.example.com": [["93.184.215.15"]] },
      serve(request, response) {
        if (request.headers.host === "a.example.com") response.writeHead(301, { location: "http://b.example.com/new" });
        else response.writeHead(200, { "content-type": "text/plain" });
        response.end("there");
      },
    });
    const egress = createEgress({ allow: [], ...internet.options });
    const output = await fetchUrl.run({ url, offset: 0 }, { egress, reader, signal: new AbortController().signal });
    expect(output).toMatchObject({ text: "Address: http://b.example.com/new\n\nthere" });
  });
});
