import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Exchange {
  method: string;
  /** With its query. */
  path: string;
  body: string;
  status: number;
  answer: string;
}

export interface HomeserverProxy {
  url: string;
  /** All that went through, in the order of the answers. */
  exchanges: Exchange[];
  /** What matches waits until `release`. */
  hold(matches: (method: string, path: string) => boolean): { release(): void };
  /** What matches is answered like this, without asking the homeserver. */
  answer(matches: (path: string) => boolean, status: number, body: unknown): void;
  /** Changes what the homeserver answers. */
  rewrite(change: (path: string, body: string) => string): void;
  stop(): Promise<void>;
}

/** Stands between a client and a homeserver on loopback; writes down, holds back and changes what passes. */
export async function startHomeserverProxy(target: string): Promise<HomeserverProxy> {
  const exchanges: Exchange[] = [];
  const answers: { matches(path: string): boolean; status: number; body: unknown }[] = [];
  const holds = new Set<{ matches(method: string, path: string): boolean; over: Promise<void> }>();
  let change = (_path: string, body: string): string => body;

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "GET", url: path = "/" } = incoming;
    const body = await bytesOf(incoming);
    for (const { matches, over } of holds) if (matches(method, path)) await over;
    const own = answers.find(({ matches }) => matches(path));
    const real = own
      ? { status: own.status, type: "application/json", bytes: Buffer.from(JSON.stringify(own.body)) }
      : await forward(target, incoming, body, outgoing);
    const isText = real.type.includes("json");
    const bytes = isText ? Buffer.from(change(path, real.bytes.toString())) : real.bytes;
    exchanges.push({
      ...{ method, path, body: body.toString(), status: real.status },
      answer: isText ? bytes.toString() : "",
    });
    outgoing.writeHead(real.status, { "content-type": real.type, "content-length": bytes.length }).end(bytes);
  }

  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    hold(matches) {
      const { promise: over, resolve } = Promise.withResolvers<void>();
      const hold = { matches, over };
      holds.add(hold);
      return {
        release() {
          holds.delete(hold);
          resolve();
        },
      };
    },
    answer: (matches, status, body) => void answers.push({ matches, status, body }),
    rewrite(next) {
      change = next;
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function forward(target: string, incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse) {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; type: string; bytes: Buffer }>();
  const { host: _host, connection: _connection, "transfer-encoding": _encoding, ...headers } = incoming.headers;
  const asked = request(
    new URL(incoming.url ?? "/", target),
    { method: incoming.method ?? "GET", headers: { ...headers, "content-length": body.length } },
    async (response) => {
      const bytes = await bytesOf(response);
      resolve({ status: response.statusCode ?? 502, type: response.headers["content-type"] ?? "", bytes });
    },
  );
  asked.once("error", reject);
  outgoing.once("close", () => outgoing.writableFinished || asked.destroy());
  asked.end(body);
  return promise;
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
