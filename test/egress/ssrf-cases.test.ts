import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEgress } from "../../src/egress/egress.ts";
import { createPageReader, type PageReader } from "../../src/reader/reader.ts";
import fetchUrl from "../../tools/fetch_url.ts";
import { playInternet } from "../support/played-internet.ts";
import { isPublic } from "../support/public-address.ts";
import { selfSigned } from "../support/self-signed.ts";
import { sharedFile, tableRows } from "../support/shared.ts";

const file = sharedFile("cases/ssrf-cases.tsv");
const rows = file ? tableRows(readFileSync(file, "utf8")) : [];
const decoded = (cell = ""): string => JSON.parse(`"${cell}"`);
const decidedByText = rows.filter(({ why = "" }) => !/\{(?:dns2?|rebind|30\d|resp|selfip):/.test(why));
const decidedByAnswers = rows.filter(({ why = "" }) => /\{(?:dns|rebind)/.test(why) && !why.includes("{resp:"));

describe.skipIf(rows.length === 0)("an address that its text decides", () => {
  it.each(decidedByText)("$verdict $url ($why)", async ({ url, verdict, why = "" }) => {
    await using internet = await playInternet();
    const ownHosts = why.includes("{own}") ? [new URL(decoded(url)).hostname] : [];
    const egress = createEgress({ allow: [], ownHosts, ...internet.options });
    const address = decoded(url);
    expect(egress.judge(address)).toMatchObject({ allow: verdict === "allow" });
    if (verdict === "allow") return;
    await expect(ask(egress, address)).rejects.toThrow(/^[^\n]+ not asked: [^\n]+\.$/);
    expect(internet).toMatchObject({ lookUps: [], connections: [] });
  });
});

describe.skipIf(rows.length === 0)("an address that its answers decide", () => {
  it.each(decidedByAnswers)("$verdict $url ($why)", async ({ url, verdict, why = "" }) => {
    const address = decoded(url);
    const hops = [...why.matchAll(/\{(30\d):([^}]*)\}/g)].map(([, status, location]) => ({ status, location }));
    await using internet = await playInternet({
      answers: answersOf(address, why),
      ownAddresses: tag(why, "selfip"),
      serve(_request, response) {
        const hop = hops.shift();
        if (hop) response.writeHead(Number(hop.status), { location: hop.location });
        response.end("hello");
      },
    });
    const ownHosts = why.includes("{own}") ? [new URL(address).hostname] : [];
    // TLS is its own matter: the played servers speak without.
    const plain = address.replace(/^(\s*)https:(\/\/[^/:]+)(?::(?:443|8443))?/i, "$1http:$2");
    const egress = createEgress({ allow: [], ownHosts, ...internet.options });
    const asked = ask(egress, plain).then(
      () => "allow",
      () => "deny",
    );
    const isRebinding = why.includes("{rebind:");
    // The first answer is what is connected to, whatever the name says later.
    expect(await asked).toBe(isRebinding ? "allow" : verdict);
    expect(internet.connections.map((one) => one.replace(/:\d+$/, "")).filter((one) => !isPublic(one))).toEqual([]);
    if (verdict === "deny" && hops.length === 0 && !isRebinding && !/\{30\d/.test(why))
      expect(internet.connections).toEqual([]);
    expect(internet.lookUps.length).toBeLessThanOrEqual(internet.connections.length + 1);
  });
});

describe.skipIf(rows.length === 0)("an address whose server decides", () => {
  let certificate: { key: string; cert: string };
  let reader: PageReader;
  beforeAll(() => {
    certificate = selfSigned("m10.example.com");
    reader = createPageReader();
  });
  afterAll(() => reader[Symbol.asyncDispose]());

  it.each(rows.filter(({ why = "" }) => why.includes("{resp:")))(
    "$verdict $url ($why)",
    async ({ url, verdict, why }) => {
      const address = decoded(url);
      const said = new Map(tag(why ?? "", "resp").map((one) => one.split("=") as [string, string]));
      await using internet = await playInternet({
        answers: answersOf(address, why ?? ""),
        secure: certificate,
        serve: (_, response) => behave(response, said),
      });
      // The rows' seconds, a hundred times faster.
      const limits = { connectMs: 300, headersMs: 300, idleMs: 300, totalMs: 600 };
      const trusted = said.get("tls") === "self-signed" ? {} : { certificates: certificate.cert };
      const egress = createEgress({ allow: [], ...internet.options, ...trusted, limits });
      // Only the row about certificates is about TLS.
      const asked = said.has("tls") ? address : address.replace(/^https/, "http");
      const run = fetchUrl.run({ url: asked, offset: 0 }, { egress, reader, signal: AbortSignal.timeout(10_000) });
      const result = await run.then(
        () => "allow",
        () => "deny",
      );
      expect(result).toBe(verdict);
    },
  );
});

/** Answers as a row says. */
function behave(response: ServerResponse, said: Map<string, string>): void {
  const type = said.get("type") ?? "text/plain";
  const decodedBytes = Number(said.get("decoded") ?? 0);
  const headers = {
    "content-type": type,
    ...(said.has("headers_kib") ? { x: "x".repeat(1024 * Number(said.get("headers_kib"))) } : {}),
  };
  response.on("error", () => {});
  if (decodedBytes > 0) {
    const text = `"${randomBytes(decodedBytes)
      .toString("hex")
      .slice(0, decodedBytes - 2)}"`;
    const packed = Number(said.get("wire")) < decodedBytes;
    response.writeHead(200, { ...headers, ...(packed ? { "content-encoding": "gzip" } : {}) });
    response.end(packed ? gzipSync(text) : text);
    return;
  }
  response.writeHead(Number(said.get("status") ?? 200), headers);
  if (said.get("stream") === "endless") {
    const chunk = Buffer.alloc(64 * 1024, "x");
    const write = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on("drain", write);
    write();
  } else if (said.has("total_s")) {
    const timer = setInterval(() => response.write("x"), 10);
    response.on("close", () => clearInterval(timer));
  } else if (said.has("idle_s")) response.write("x");
  else response.end("hello");
}

async function ask(egress: ReturnType<typeof createEgress>, address: string): Promise<void> {
  await using response = await egress.get(address, { mostBytes: 10_000, signal: AbortSignal.timeout(5_000) });
  for await (const _ of response.body);
}

function tag(why: string, name: string): string[] {
  const [, value] = new RegExp(`\\{${name}:([^}]*)\\}`).exec(why) ?? [];
  return value ? value.split(/[,>]/) : [];
}

function answersOf(address: string, why: string): Record<string, string[][]> {
  const host = new URL(address.trim()).hostname.replace(/\.$/, "");
  const rebinding = tag(why, "rebind").map((one) => [one]);
  const first = rebinding.length > 0 ? rebinding : [tag(why, "dns")];
  const later = tag(why, "dns2");
  const other = /\{30\d:https?:\/\/([^/}]+)/.exec(why)?.[1];
  if (other && other !== host && later.length > 0) return { [host]: first, [other]: [later] };
  return { [host]: later.length > 0 ? [...first, later] : first };
}
