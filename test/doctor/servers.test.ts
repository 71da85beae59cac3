import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { anyFree } from "../../src/child/free-port.ts";
import { chromaCheck } from "../../src/doctor/chroma.ts";
import { clockCheck } from "../../src/doctor/clock.ts";
import { homeserverCheck } from "../../src/doctor/homeserver.ts";
import { modelsCheck } from "../../src/doctor/models.ts";
import { searchCheck } from "../../src/doctor/search.ts";
import { playHomeserver } from "../homeserver/played-homeserver.ts";
import { startOpenaiServer } from "../support/openai-server.ts";
import { patient } from "./ground.ts";

/** A server that answers as told, until it is told otherwise. */
async function serve(first: { status?: number; body?: string | object; headers?: Record<string, string> } = {}) {
  let answer = first;
  const server = createServer((_request, response) => {
    const { status = 200, body = {}, headers = {} } = answer;
    const text = typeof body === "string" ? body : JSON.stringify(body);
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(text);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answerWith(next: typeof first) {
      answer = next;
    },
  };
}

describe("memtrix doctor, of a model", () => {
  const withModel = (port: number) =>
    patient({
      providers: { own: { type: "openai-compatible", base_url: `http://127.0.0.1:${port}/v1` } },
      models: { small: { provider: "own", model: "small-model" } },
    });
  const calling = { calls: [{ name: "get_current_time", input: {} }] };

  it("finds a server that is away, and is content when it answers and its model calls the tool", async () => {
    const port = await anyFree();
    const { look, states } = withModel(port);
    expect(await look(modelsCheck)).toMatchObject([
      {
        state: "fault",
        text: expect.stringMatching(/^small: .*cannot be reached/),
        remedy: expect.stringContaining("memtrix onboard"),
      },
    ]);
    await using server = await startOpenaiServer({ port, turns: [calling] });
    expect(await states(modelsCheck)).toEqual(["ok"]);
    const tools = server.requests[0]?.body.tools ?? [];
    expect(tools.map((tool) => tool.function.name)).toEqual(["get_current_time"]);
  });

  it("finds a model that calls no tools", async () => {
    const port = await anyFree();
    const { look, states } = withModel(port);
    await using _server = await startOpenaiServer({ port, turns: [{ text: "It is late." }, calling] });
    expect(await look(modelsCheck)).toMatchObject([
      {
        state: "warning",
        text: expect.stringContaining("did not call"),
        remedy: expect.stringContaining("another model"),
      },
    ]);
    expect(await states(modelsCheck)).toEqual(["ok"]);
  });

  it("finds nothing wrong with the rules of the rehearsal", async () => {
    expect(await patient().states(modelsCheck)).toEqual(["ok"]);
  });
});

describe("memtrix doctor, of a homeserver", () => {
  const userId = "@memtrix:example.org";
  const inMatrix = (homeserver: string) => {
    const who = patient({
      "main-agent": { name: "Memtrix", model: "small", channel: "matrix" },
      channels: {
        matrix: {
          type: "matrix",
          homeserver,
          user_id: userId,
          access_token: "$MATRIX_TOKEN",
          owners: ["@ada:example.org"],
        },
      },
    });
    who.write(".env", "MEMTRIX_SECRET_MATRIX_TOKEN=syt_a_secret_token\n");
    return who;
  };
  /** `whoami` is what it says of the token. */
  const play = (whoami: () => { status?: number; body: object }) =>
    playHomeserver(({ path }) => (path.endsWith("/versions") ? { body: { versions: ["v1.11"] } } : whoami()));

  it("finds one that is away", async () => {
    const { look } = inMatrix(`http://127.0.0.1:${await anyFree()}`);
    expect(await look(homeserverCheck)).toMatchObject([
      { state: "fault", text: expect.stringMatching(/cannot be reached .* Check that it runs/) },
    ]);
  });

  it("finds a token that it does not take, or that is another's", async () => {
    let whoami: { status?: number; body: object } = { status: 401, body: { errcode: "M_UNKNOWN_TOKEN", error: "no" } };
    const { url } = await play(() => whoami);
    const { look, states } = inMatrix(url);
    const [refused] = await look(homeserverCheck);
    expect(refused).toMatchObject({ state: "fault", text: expect.stringContaining("memtrix onboard --relogin") });
    expect(refused?.text).not.toContain("syt_");
    whoami = { body: { user_id: "@other:example.org", device_id: "D" } };
    expect(await look(homeserverCheck)).toMatchObject([
      { state: "fault", text: expect.stringContaining("@other:example.org"), remedy: "memtrix onboard --relogin" },
    ]);
    whoami = { body: { user_id: userId, device_id: "D" } };
    expect(await states(homeserverCheck)).toEqual(["ok"]);
  });

  it("finds a clock that is wrong, by the homeserver's", async () => {
    const server = await serve({ body: { versions: [] } });
    const { look, states } = inMatrix(server.url);
    expect(await states(clockCheck)).toEqual(["ok"]);
    const ahead = (ms: number) => ({ now: () => new Date(Date.now() + ms) });
    expect(await look(clockCheck, ahead(60_000))).toMatchObject([
      { state: "warning", text: expect.stringContaining("ahead") },
    ]);
    expect(await look(clockCheck, ahead(-600_000))).toMatchObject([
      {
        state: "fault",
        text: expect.stringMatching(/(599|600|601) s behind/),
        remedy: expect.stringContaining("set-ntp true"),
      },
    ]);
  });
});

describe("memtrix doctor, of what the memory and the web are searched with", () => {
  it("finds a Chroma server that is away", async () => {
    const port = await anyFree();
    const config = { memory: { model: "nomic-ai/nomic-embed-text-v1.5", chroma_url: `http://127.0.0.1:${port}` } };
    const { look } = patient(config);
    expect(await look(chromaCheck)).toMatchObject([
      {
        state: "fault",
        text: expect.stringContaining(`127.0.0.1:${port}`),
        remedy: expect.stringContaining("chroma_url to null"),
      },
    ]);
    const server = await serve({ body: { "nanosecond heartbeat": 1 } });
    expect(await patient({ memory: { ...config.memory, chroma_url: server.url } }).states(chromaCheck)).toEqual(["ok"]);
  });

  it("tries a Chroma of our own, or says what stands in its place; while Memtrix runs it leaves it alone", async () => {
    const { states } = patient({ memory: {} });
    expect(await states(chromaCheck)).toEqual(["ok"]);
    expect(await states(chromaCheck, { isRunning: true })).toEqual(["unseen"]);
  });

  it("finds a SearXNG without JSON, one whose engines are silent, and one that is away", async () => {
    const server = await serve({ status: 403, body: "forbidden" });
    const { look, states } = patient({ search: { searxng_url: server.url } });
    expect(await look(searchCheck)).toMatchObject([
      { state: "fault", text: expect.stringContaining("`json` under `search: formats:`") },
    ]);
    server.answerWith({ body: { results: [], unresponsive_engines: [["duckduckgo", "timeout"]] } });
    expect(await look(searchCheck)).toMatchObject([
      { state: "warning", remedy: expect.stringContaining("settings.yml") },
    ]);
    server.answerWith({ body: { results: [{ title: "t", url: "http://example.org", content: "c" }] } });
    expect(await states(searchCheck)).toEqual(["ok"]);
    const away = patient({ search: { searxng_url: `http://127.0.0.1:${await anyFree()}` } });
    expect(await away.look(searchCheck)).toMatchObject([
      { state: "fault", text: expect.stringContaining("is it running?") },
    ]);
  });
});
