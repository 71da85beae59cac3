import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { ModelError } from "../src/model-error.ts";
import { failureOf, oneLine, retryAfterMsFrom } from "../src/model-failure.ts";
import { createModelFetch } from "../src/model-fetch.ts";

let stop: () => Promise<void> = async () => {};
afterEach(() => stop());

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function failure(work: Promise<unknown>): Promise<ModelError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ModelError) return error;
  throw new Error(`not a ModelError: ${error}`);
}

describe("fetching from a model's server", () => {
  it("hands over what is sound, bytes unchanged", async () => {
    const lines = '{"a":"日"}\n{"b":1}\n';
    const url = await serve((_, response) => {
      response.writeHead(200, { "content-type": "application/x-ndjson", "x-kept": "yes" });
      for (const byte of Buffer.from(lines)) response.write(Buffer.from([byte]));
      response.end();
    });
    const response = await createModelFetch()(url);
    expect(response.headers.get("x-kept")).toBe("yes");
    expect(await response.text()).toBe(lines);
  });

  it("hands on a last line without its newline, and keeps the lines of other texts", async () => {
    const url = await serve((request, response) => {
      response.writeHead(200, { "content-type": request.url === "/text" ? "text/plain" : "application/x-ndjson" });
      response.end(request.url === "/text" ? "a\n\nb" : '{"a":1}\n\n{"b":2}');
    });
    expect(await (await createModelFetch()(url)).text()).toBe('{"a":1}\n{"b":2}\n');
    expect(await (await createModelFetch()(`${url}/text`)).text()).toBe("a\n\nb\n");
  });

  it("gives up on headers, and on the next piece, each in its time", async () => {
    const url = await serve((request, response) => {
      if (request.url === "/stuck")
        response.writeHead(200, { "content-type": "text/event-stream" }).write("data: {}\n\n");
    });
    const fetch = createModelFetch({ headersMs: 80, idleMs: 60 });
    const late = await failure(fetch(url));
    expect(late).toMatchObject({ kind: "hung", message: expect.stringContaining("0.08 s") });
    const response = await fetch(`${url}/stuck`);
    expect(await failure(response.text())).toMatchObject({ kind: "hung", message: expect.stringContaining("0.06 s") });
  });

  it("lets the first piece take as long as the headers may", async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      setTimeout(() => response.end("data: [DONE]\n\n"), 150);
    });
    const response = await createModelFetch({ headersMs: 5000, idleMs: 50 })(url);
    expect(await response.text()).toContain("[DONE]");
  });

  it("ends with the last event, whatever the server does with the line", async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write('data: {"a":1}\n\ndata: [DONE]\n\n');
    });
    expect(await (await createModelFetch()(url)).text()).toContain("[DONE]");
  });

  it("hangs up when its reader has enough", async () => {
    const closed = Promise.withResolvers<void>();
    const url = await serve((_, response) => {
      response.on("close", () => closed.resolve());
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: {}\n\n");
    });
    const response = await createModelFetch()(url);
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await closed.promise;
  });

  it("throws the caller's reason when the caller aborts, before and after the headers", async () => {
    const url = await serve((request, response) => {
      if (request.url === "/begun") response.writeHead(200, { "content-type": "text/plain" }).write("a\n");
    });
    const reason = new Error("enough");
    const before = new AbortController();
    const waiting = createModelFetch()(url, { signal: before.signal });
    before.abort(reason);
    await expect(waiting).rejects.toBe(reason);

    const after = new AbortController();
    const response = await createModelFetch()(`${url}/begun`, { signal: after.signal });
    const reading = response.text();
    after.abort(reason);
    await expect(reading).rejects.toBe(reason);
  });

  it.each([
    ["not UTF-8", "text/event-stream", Buffer.from([0x64, 0xc3, 0x28, 0x0a])],
    ["half a letter at the end", "text/plain", Buffer.from("日").subarray(0, 2)],
    ["a line that is no JSON", "application/x-ndjson", '{"a":1}\nnonsense\n'],
    ["a line that is no object", "application/x-ndjson", "7\n"],
    ["an event that is no JSON", "text/event-stream", 'data: {"a":\n\n'],
    ["a line that is no event", "text/event-stream", "dota: {}\n\n"],
    ["a document that is no JSON", "application/json", "{"],
    ["a web page", "text/html", "<html>Log in</html>"],
  ])("finds out %s", async (_name, type, body) => {
    const url = await serve((_, response) => response.writeHead(200, { "content-type": type }).end(body));
    const error = await failure(createModelFetch()(url).then((response) => response.text()));
    expect(error.kind).toBe("malformed");
  });

  it("sends the name and password of an address, and shows neither when the server is away", async () => {
    const url = new URL(await serve((request, response) => response.end(request.headers.authorization)));
    url.username = "ana";
    url.password = "secret";
    const answer = await createModelFetch()(url).then((response) => response.text());
    expect(answer.trim()).toBe(`Basic ${btoa("ana:secret")}`);

    await stop();
    stop = async () => {};
    const error = await failure(createModelFetch()(url));
    expect(error.message).toContain(`${url.origin} cannot be reached (connection refused)`);
    expect(error.message).not.toContain("secret");
  });

  it("reads no more of a refusal than it needs, and tells no more than a line of it", async () => {
    const url = await serve((_, response) => {
      response.writeHead(500, { "content-type": "text/plain" });
      response.write("word ".repeat(50_000));
    });
    const error = await failure(createModelFetch()(url));
    expect(error.kind).toBe("overloaded");
    expect(error.message.length).toBeLessThan(300);
  });
});

describe("what a refusal means", () => {
  it.each([
    [429, { error: { code: "insufficient_quota", message: "no" } }, "spend-limit"],
    [429, "Your credit balance is too low", "spend-limit"],
    [429, { error: { code: "rate_limit_exceeded", message: "slow down" } }, "rate-limited"],
    [402, "", "spend-limit"],
    [403, { error: { message: "Key limit exceeded (total limit): add credits" } }, "spend-limit"],
    [403, "", "unauthorized"],
    [404, { error: "model 'x' not found" }, "missing-model"],
    [400, { error: { code: "context_length_exceeded", message: "no" } }, "context-too-long"],
    [500, { error: { type: "exceed_context_size_error", message: "no" } }, "context-too-long"],
    [400, { error: "registry/llama3 does not support tools" }, "bad-request"],
    [undefined, { error: { code: "429", message: "slow" } }, "rate-limited"],
    [undefined, { error: { type: "overloaded_error", message: "Overloaded" } }, "overloaded"],
    [200, { error: { type: "authentication_error", message: "no" } }, "unauthorized"],
    [200, { error: "something odd" }, "overloaded"],
    [200, { error: { code: "model_not_found", message: "no" } }, "missing-model"],
  ])("%s %o: %s", (status, body, kind) => {
    expect(failureOf({ status, body: typeof body === "string" ? body : JSON.stringify(body) }).kind).toBe(kind);
  });

  it("says what to do, in a sentence without keys and pages", () => {
    expect(oneLine("bad key sk-or-v1-0123456789abcdef given")).toBe("bad key sk-… given");
    expect(oneLine("Authorization: Bearer abcdefghijklmnop")).not.toContain("abcdefghijklmnop");
    expect(oneLine("<!doctype html><h1>502</h1>")).toBe("");
    expect(oneLine("x".repeat(900)).length).toBeLessThanOrEqual(200);
    expect(failureOf({ status: 401, body: '{"error":{"message":"key abc123 is bad"}}' }).message).not.toContain(
      "abc123",
    );
  });

  it.each([
    [{ "retry-after": "7" }, 7000],
    [{ "retry-after": "0.25" }, 250],
    [{ "retry-after": "Mon, 05 Jan 2026 09:30:20 GMT" }, 20_000],
    [{ "retry-after": "Mon, 05 Jan 2026 09:00:00 GMT" }, 0],
    [{ "retry-after-ms": "350", "retry-after": "9" }, 350],
    [{ "x-ratelimit-reset": "1767605412000" }, 12_000],
    [{ "x-ratelimit-reset": "1767605412" }, 12_000],
    [{ "x-ratelimit-reset": "12" }, 12_000],
    [{ "x-ratelimit-reset": "1m2.5s" }, 62_500],
    [{ "x-ratelimit-reset": "soon" }, undefined],
    [{}, undefined],
  ] as [Record<string, string>, number | undefined][])("reads when to come back: %o", (headers, expected) => {
    expect(retryAfterMsFrom(new Headers(headers), Date.parse("2026-01-05T09:30:00Z"))).toBe(expected);
  });

  it("reads it in mid-stream too, where OpenRouter puts it", () => {
    const soon = String(Date.now() + 30_000);
    const body = { error: { code: 429, message: "slow", metadata: { headers: { "X-RateLimit-Reset": soon } } } };
    expect(failureOf({ body }).retryAfterMs).toBeGreaterThan(20_000);
  });
});
