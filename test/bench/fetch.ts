import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { Readability } from "@mozilla/readability";
import { parseHTML } from "linkedom";
import { Agent, request } from "undici";
import { createEgress } from "../../src/egress/egress.ts";
import { createPageReader } from "../../src/reader/reader.ts";
import fetchUrl from "../../tools/fetch_url.ts";
import { type Bench, quantiles, type Row, rounded } from "./report.ts";

const help = `What fetch_url costs on local pages, beside bare undici and Readability on the same pages in the same run.

  --runs N    measured runs of the smallest page; larger ones fewer (60)
  --most N    bytes of the largest page (5000000)`;

const targetRatio = 1.2;
const sizes = [10_000, 100_000, 1_000_000, 5_000_000];

export const fetchBench: Bench = async (argv) => {
  const { values } = parseArgs({
    args: argv,
    options: {
      runs: { type: "string", default: "60" },
      most: { type: "string", default: "5000000" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(help);
    return undefined;
  }
  const pages = new Map(sizes.map((bytes) => [`/${bytes}`, Buffer.from(pageOf(bytes))]));
  const server = createServer((asked, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(pages.get(asked.url ?? ""));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const egress = createEgress({ allow: [`127.0.0.1:${port}`] });
  await using reader = createPageReader();
  const dispatcher = new Agent();
  try {
    const rows: Row[] = [];
    for (const bytes of sizes.filter((one) => one <= Number(values.most))) {
      const runs = Math.max(5, Math.round(Number(values.runs) / Math.max(1, bytes / 50_000)));
      const url = `http://127.0.0.1:${port}/${bytes}`;
      const ours = () => fetchUrl.run({ url, offset: 0 }, { egress, reader, signal: new AbortController().signal });
      rows.push({ bytes, ...(await compared(runs, ours, () => bare(url, dispatcher))), target: targetRatio });
    }
    return { fetch: rows };
  } finally {
    await dispatcher.destroy();
    server.closeAllConnections();
    server.close();
  }
};

async function compared(runs: number, ours: () => Promise<unknown>, bareOne: () => Promise<unknown>): Promise<Row> {
  const [warmUpRuns, oursMs, bareMs] = [2, [] as number[], [] as number[]];
  for (let run = -warmUpRuns; run < runs; run += 1) {
    const pair = { ours: await timed(ours), bare: await timed(bareOne) };
    if (run < 0) continue;
    oursMs.push(pair.ours);
    bareMs.push(pair.bare);
  }
  const [of, ofBare] = [quantiles(oursMs), quantiles(bareMs)];
  return { oursMs: of, bareMs: ofBare, ratio: rounded(of.p50 / ofBare.p50) };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function bare(url: string, dispatcher: Agent): Promise<string> {
  const { body } = await request(url, { dispatcher });
  const { document } = parseHTML(await body.text());
  return new Readability(document as unknown as Document).parse()?.textContent ?? "";
}

/** An article of about this size, with headings, links, lists, tables and code. */
function pageOf(bytes: number): string {
  const parts = ["<!doctype html><html><head><title>A page</title></head><body><nav><a href=/>Home</a></nav><article>"];
  let length = 0;
  for (let number = 1; length < bytes; number += 1) {
    const part = partOf(number);
    length += part.length;
    parts.push(part);
  }
  return `${parts.join("\n")}</article><footer>Imprint</footer></body></html>`;
}

function partOf(number: number): string {
  const paragraph = `<p>Some <b>words</b> with a <a href="/link/${number}">link</a>, and more text that goes on, with commas, for a while, as sentences in articles do.</p>`;
  const extras = [
    `<table><tr><th>name</th><th>value</th></tr><tr><td>${number}</td><td>x</td></tr></table>`,
    `<pre><code class="language-js">const x = ${number};\ncall(x);</code></pre>`,
    "<ul><li>one</li><li>two<ul><li>three</li></ul></li></ul>",
  ];
  return `<h2>Part ${number}</h2>${paragraph.repeat(3)}${extras[number % 6] ?? ""}`;
}
