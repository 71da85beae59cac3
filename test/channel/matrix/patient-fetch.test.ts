import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { ConnectionError, createClient } from "matrix-js-sdk";
import { describe, expect, it, onTestFinished } from "vitest";
import { createPatientFetch } from "../../../src/channel/matrix/patient-fetch.ts";
import { sendFailureOf } from "../../../src/channel/matrix/send-failure.ts";

const brief = { answerMs: 20, longestAnswerMs: 50, firstPauseMs: 1, attempts: 3 };
/** For what is about something else than how long an answer takes. */
const calm = { ...brief, answerMs: 20_000, longestAnswerMs: 20_000 };

function startServer(answerAfterMs: number | undefined): Promise<string> {
  return startServerWith((_incoming, outgoing) => {
    if (answerAfterMs === undefined) return;
    setTimeout(() => outgoing.setHeader("content-type", "application/json").end("{}"), answerAfterMs);
  });
}

async function startServerWith(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it("a request that is never answered ends as a connection that failed, so that it is tried again", async () => {
  const client = createClient({ baseUrl: await startServer(undefined), fetchFn: createPatientFetch(brief) });
  const error = await client.getVersions().catch((error: unknown) => error);
  expect(error).toBeInstanceOf(ConnectionError);
  expect(sendFailureOf(error)).toEqual({ kind: "unreachable" });
});

it("an answer that comes a byte at a time without end has an end all the same", async () => {
  const url = await startServerWith((_incoming, outgoing) => {
    outgoing.writeHead(200, { "content-type": "application/json" });
    const drip = setInterval(() => outgoing.write(" "), 5);
    outgoing.on("close", () => clearInterval(drip));
  });
  const client = createClient({ baseUrl: url, fetchFn: createPatientFetch({ ...brief, answerMs: 300 }) });
  expect(await client.getVersions().catch((error: unknown) => error)).toBeInstanceOf(Error);
});

describe("a connection that fails", () => {
  it.each([
    ["what is read", "GET", "/_matrix/client/v3/pushrules/", 3],
    ["a message, which has its transaction", "PUT", "/_matrix/client/v3/rooms/!a/send/m.room.message/1", 3],
    ["a question for keys", "POST", "/_matrix/client/v3/keys/query", 3],
    ["a new room, which would be made twice", "POST", "/_matrix/client/v3/createRoom", 1],
  ])("is tried again: %s", async (_, method, path, times) => {
    const paths: string[] = [];
    const url = await startServerWith((incoming) => {
      paths.push(incoming.url ?? "");
      incoming.socket.resetAndDestroy();
    });
    await expect(createPatientFetch(calm)(`${url}${path}`, { method })).rejects.toThrow(/fetch failed/);
    expect(paths).toEqual(Array(times).fill(path));
  });

  it("is not noticed when the next one holds", async () => {
    let count = 0;
    const url = await startServerWith((incoming, outgoing) => {
      count++;
      if (count < 3) incoming.socket.resetAndDestroy();
      else outgoing.end("{}");
    });
    await expect(createPatientFetch(calm)(`${url}/versions`)).resolves.toMatchObject({ status: 200 });
  });
});

describe("a server that asks for patience", () => {
  it.each([
    ["gets it, in its header", "/versions", { "retry-after": "0" }, {}, 200],
    ["gets it, in its answer", "/versions", {}, { retry_after_ms: 5 }, 200],
    ["is told to the one who asked, when it is long", "/versions", {}, { retry_after_ms: 60_000 }, 429],
    ["is told to the outbox, which waits with all that it has", "/rooms/!a/send/m/1", {}, { retry_after_ms: 5 }, 429],
  ])("%s", async (_, path, headers, body, status) => {
    let count = 0;
    const url = await startServerWith((_incoming, outgoing) => {
      count++;
      if (count === 1) outgoing.writeHead(429, headers).end(JSON.stringify(body));
      else outgoing.end("{}");
    });
    await expect(createPatientFetch(calm)(`${url}${path}`)).resolves.toMatchObject({ status });
  });
});

it("a sync and a file may take longer", async () => {
  const [url, patient] = [await startServer(200), createPatientFetch(brief)];
  await expect(patient(`${url}/_matrix/client/v3/sync?timeout=30000`)).resolves.toMatchObject({ status: 200 });
  await expect(patient(`${url}/_matrix/media/v3/upload?filename=a`)).resolves.toMatchObject({ status: 200 });
});

it("what its caller ends, ends at once", async () => {
  const url = await startServer(undefined);
  await expect(createPatientFetch()(url, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
});
