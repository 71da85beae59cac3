import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ConnectionError, createClient } from "matrix-js-sdk";
import { expect, it, onTestFinished } from "vitest";
import { createPatientFetch } from "../../../src/channel/matrix/patient-fetch.ts";
import { sendFailureOf } from "../../../src/channel/matrix/send-failure.ts";

async function startServer(answerAfterMs: number | undefined): Promise<string> {
  const server = createServer((_request, response) => {
    if (answerAfterMs === undefined) return;
    setTimeout(() => response.setHeader("content-type", "application/json").end("{}"), answerAfterMs);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it("a request that is never answered ends as a connection that failed, so that it is tried again", async () => {
  const client = createClient({ baseUrl: await startServer(undefined), fetchFn: createPatientFetch(50) });
  const error = await client.getVersions().catch((error: unknown) => error);
  expect(error).toBeInstanceOf(ConnectionError);
  expect(sendFailureOf(error)).toEqual({ kind: "unreachable" });
});

it("a sync and a file may take longer", async () => {
  const [url, patient] = [await startServer(200), createPatientFetch(50)];
  await expect(patient(`${url}/_matrix/client/v3/sync?timeout=30000`)).resolves.toMatchObject({ status: 200 });
  await expect(patient(`${url}/_matrix/media/v3/upload?filename=a`)).resolves.toMatchObject({ status: 200 });
});

it("what its caller ends, ends at once", async () => {
  const url = await startServer(undefined);
  await expect(createPatientFetch(10_000)(url, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
});
