import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** One request on its way through. */
export interface Passing {
  method: string;
  /** With its query. */
  path: string;
  body: Buffer;
  /** Asks the server behind. */
  forward(): Promise<Answer>;
}

export interface Answer {
  status: number;
  /** Its media type. */
  type: string;
  bytes: Buffer;
}

export interface LoopbackProxy extends AsyncDisposable {
  url: string;
}

/**
 * Stands before a server on loopback; `pass` says what comes back: an answer, a connection that is cut, or nothing at
 * all.
 */
export async function startProxy(
  target: string,
  pass: (passing: Passing) => Promise<Answer | "reset" | "silence">,
): Promise<LoopbackProxy> {
  async function take(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "GET", url: path = "/" } = incoming;
    const body = await buffer(incoming);
    const answer = await pass({ method, path, body, forward: () => forward(target, incoming, body, outgoing) });
    if (answer === "silence") return;
    if (answer === "reset") return void incoming.socket.resetAndDestroy();
    const { status, type, bytes } = answer;
    outgoing.writeHead(status, { "content-type": type, "content-length": bytes.length }).end(bytes);
  }

  const server = createServer((incoming, outgoing) => {
    take(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** As a server would answer it. */
export function jsonAnswer(status: number, content: unknown): Answer {
  return { status, type: "application/json", bytes: Buffer.from(JSON.stringify(content)) };
}

function forward(target: string, incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const { host: _host, connection: _connection, "transfer-encoding": _encoding, ...headers } = incoming.headers;
  const asked = request(
    new URL(incoming.url ?? "/", target),
    { method: incoming.method ?? "GET", headers: { ...headers, "content-length": body.length } },
    (response) => {
      const { statusCode: status = 502, headers } = response;
      buffer(response).then((bytes) => resolve({ status, type: headers["content-type"] ?? "", bytes }), reject);
    },
  );
  asked.once("error", reject);
  outgoing.once("close", () => outgoing.writableFinished || asked.destroy());
  asked.end(body);
  return promise;
}
