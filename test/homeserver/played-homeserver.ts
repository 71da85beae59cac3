import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface PlayedRequest {
  method: string;
  path: string;
  /** Undefined when none was sent, or no JSON. */
  body: Record<string, unknown> | undefined;
  authorization: string | undefined;
}

export interface PlayedAnswer {
  status?: number;
  body?: object | string;
  headers?: Record<string, string>;
}

/** A server on loopback that answers as the test says; undefined hangs. Gone when the test is over. */
export async function playHomeserver(
  answer: (request: PlayedRequest) => PlayedAnswer | undefined,
): Promise<{ url: string; requests: PlayedRequest[] }> {
  const requests: PlayedRequest[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const request = await read(incoming);
    requests.push(request);
    const played = answer(request);
    if (!played) return;
    const { status = 200, body = {}, headers = {} } = played;
    const text = typeof body === "string" ? body : JSON.stringify(body);
    outgoing.writeHead(status, { "content-type": "application/json", ...headers }).end(text);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

async function read(incoming: IncomingMessage): Promise<PlayedRequest> {
  const { method = "", url: path = "", headers } = incoming;
  const text = Buffer.concat(await incoming.toArray()).toString();
  const body = text ? (JSON.parse(text) as Record<string, unknown>) : undefined;
  return { method, path, body, authorization: headers.authorization };
}
