import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { createSearchEngine } from "../../src/search-engine.ts";
import webSearch from "../../tools/web_search.ts";

/** As SearXNG answers; the field names and forms are those of the real one. */
const answer = {
  query: "bread",
  number_of_results: 0,
  results: [
    {
      url: "https://example.com/a",
      title: "Bread\n <b>",
      content: "How to bake",
      engine: "one",
      publishedDate: "2026-01-02T00:00:00",
    },
    { url: "https://example.com/b", title: "Salt", content: null, engine: "two", score: 1.0 },
    { title: "no address", key: "value", template: "key-value.html" },
    { url: "https://example.com/c", title: "Third", content: "x".repeat(900) },
  ],
  answers: [{ answer: "42", engine: "answerer" }],
  corrections: [],
  infoboxes: [],
  suggestions: [],
  unresponsive_engines: [["dead", "HTTP connection error"]],
};
const json =
  (value: unknown): RequestListener =>
  (_, response) =>
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));

async function search(
  serve: RequestListener | undefined,
  {
    limit = 8,
    patienceMs = 5_000,
    path = "",
    signal = new AbortController().signal,
    ...input
  }: Record<string, unknown> & {
    limit?: number;
    patienceMs?: number;
    path?: string;
    signal?: AbortSignal;
  } = {},
): Promise<string> {
  const server = createServer(serve);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  try {
    const searchEngine = createSearchEngine(serve && address, { patienceMs });
    const output = await webSearch.run({ query: "bread & salt", limit, ...input }, { searchEngine, signal });
    return typeof output === "string" ? output : output.text;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe("web_search", () => {
  it("gives titles, addresses and snippets, and says which engines were silent", async () => {
    expect((await search(json(answer))).split("\n")).toEqual([
      "Answer: 42",
      "1. Bread <b>",
      "   https://example.com/a",
      "   2026-01-02T00:00:00: How to bake",
      "2. Salt",
      "   https://example.com/b",
      "3. Third",
      "   https://example.com/c",
      `   ${"x".repeat(399)}…`,
      "[Did not answer: dead: HTTP connection error]",
    ]);
    expect(await search(json(answer), { limit: 1 })).not.toContain("Salt");
    expect(await search(json({ results: [], answers: ["3 km"] }))).toBe("Answer: 3 km");
    expect(await search(json({ results: [] }))).toBe("Nothing found. Try other words.");
  });

  it("asks as SearXNG wants it, also below a path", async () => {
    const asked: (string | undefined)[] = [];
    const serve: RequestListener = (request, response) => {
      asked.push(request.url);
      json(answer)(request, response);
    };
    await search(serve, { path: "/searxng", language: "pt-BR", time_range: "week" });
    await search(serve);
    expect(asked).toEqual([
      "/searxng/search?q=bread+%26+salt&format=json&language=pt-BR&time_range=week",
      "/search?q=bread+%26+salt&format=json",
    ]);
  });

  it.each([
    ["is not there", undefined, /^There is no search engine: the owner can set search\.searxng_url/],
    ["gives no JSON", (_, response) => response.writeHead(403).end("Forbidden"), /add `json` under `search: formats:`/],
    [
      "answers with a page",
      (_, response) => response.end("<!doctype html><p>x"),
      /add `json` under `search: formats:`/,
    ],
    ["limits us", (_, response) => response.writeHead(429).end("Too Many Requests"), /`limiter: false`/],
    ["has a fault", (_, response) => response.writeHead(500).end("x"), /answered with 500\.$/],
    ["sends half of its answer", (_, response) => response.end('{"results": ['), /JSON that is damaged/],
    ["is something else", json({ hits: [] }), /does not answer as SearXNG does/],
    [
      "leads elsewhere",
      (_, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
      /answered with 302/,
    ],
    ["breaks off", (request) => request.socket.destroy(), /cannot be reached \(.+\): is it running\?$/],
    ["sends too much", (_, response) => response.end("x".repeat(5e6)), /its answer is too long/],
  ] as [string, RequestListener | undefined, RegExp][])(
    "says what the owner can do when it %s",
    async (_, serve, sentence) => {
      await expect(search(serve)).rejects.toThrow(sentence);
    },
  );

  it("does not wait for ever, and not at all when it is stopped", async () => {
    await expect(search(() => {}, { patienceMs: 50 })).rejects.toThrow(/it did not answer within 0\.05 s/);
    const stop = new AbortController();
    setTimeout(() => stop.abort("stop"), 30);
    await expect(search(() => {}, { signal: stop.signal })).rejects.toBe("stop");
  });
});
