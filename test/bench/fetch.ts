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
      rows.push({ bytes, ...(await compared(runs, ours, () => bare(url, dispatcher))), ratioTarget: targetRatio });
    }
    return { fetch: rows };
  } finally {
    await dispatcher.destroy();
    server.closeAllConnections();
    server.close();
  }
};

/** Pages are read in a thread of their own, which compiles for itself: both sides get so many to come to speed. */
const mostWarmUpRuns = 20;

interface Cost {
  ms: number;
  /** Of all threads. */
  cpuMs: number;
}

async function compared(runs: number, ours: () => Promise<unknown>, bareOne: () => Promise<unknown>): Promise<Row> {
  const warmUpRuns = Math.min(mostWarmUpRuns, runs);
  const pairs: { ours: Cost; bare: Cost }[] = [];
  for (let run = 0; run < warmUpRuns + runs; run += 1)
    pairs.push({ ours: await costOf(ours), bare: await costOf(bareOne) });
  const measured = pairs.slice(warmUpRuns);
  const [of, ofBare] = [
    quantiles(measured.map((pair) => pair.ours.ms)),
    quantiles(measured.map((pair) => pair.bare.ms)),
  ];
  const cpu = quantiles(measured.map((pair) => pair.ours.cpuMs));
  const bareCpu = quantiles(measured.map((pair) => pair.bare.cpuMs));
  return {
    ...{ oursMs: of, bareMs: ofBare, ratio: rounded(of.p50 / ofBare.p50) },
    ...{ oursCpuMs: cpu.p50, bareCpuMs: bareCpu.p50, cpuRatio: rounded(cpu.p50 / bareCpu.p50) },
    ...{ firstOursMs: rounded(pairs[0]?.ours.ms ?? 0), firstBareMs: rounded(pairs[0]?.bare.ms ?? 0) },
  };
}

async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  const [began, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return { ms: performance.now() - began, cpuMs: (user + system) / 1000 };
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
