import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** What becomes of one request. The homeserver has it after `answer-lost` and `passed`, and after these alone. */
export type Fate = "reset" | "answer-lost" | "hangs" | "limited" | "passed";

export interface FlakyProxyOptions {
  target: string;
  /** What is to become of the next request, which is for this path. */
  fateOf(path: string): Fate;
  retryAfterMs?: number;
}

/** How much of all is to go wrong, and how; the rest passes. */
export type Shares = Partial<Record<Exclude<Fate, "passed">, number>>;

/** A fate by chance; `random` gives numbers from 0 to 1. */
export function atRandom(shares: Shares, random: () => number): () => Fate {
  return () => {
    let left = random();
    for (const [name, share] of Object.entries(shares)) {
      left -= share;
      if (left < 0) return name as Fate;
    }
    return "passed";
  };
}

export interface FlakyProxy extends AsyncDisposable {
  url: string;
  /** What became of the requests so far. */
  fates: Record<Fate, number>;
  /** From now on all passes. */
  mend(): void;
}

/** Stands before a homeserver on loopback as a bad network and a busy server would. */
export async function startFlakyProxy(options: FlakyProxyOptions): Promise<FlakyProxy> {
  const { target, fateOf, retryAfterMs = 300 } = options;
  const fates: Record<Fate, number> = { reset: 0, "answer-lost": 0, hangs: 0, limited: 0, passed: 0 };
  let isMended = false;

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const what = isMended ? "passed" : fateOf(incoming.url ?? "/");
    fates[what]++;
    if (what === "hangs") return;
    if (what === "reset") return void incoming.socket.resetAndDestroy();
    if (what === "limited") {
      const content = { errcode: "M_LIMIT_EXCEEDED", error: "Too Many Requests", retry_after_ms: retryAfterMs };
      outgoing.writeHead(429, { "content-type": "application/json" }).end(JSON.stringify(content));
      return;
    }
    const { status, type, bytes } = await forward(target, incoming, body, outgoing);
    if (what === "answer-lost") return void incoming.socket.resetAndDestroy();
    outgoing.writeHead(status, { "content-type": type, "content-length": bytes.length }).end(bytes);
  }

  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fates,
    mend() {
      isMended = true;
    },
    async [Symbol.asyncDispose]() {
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
    (response) => {
      const { statusCode = 502 } = response;
      const type = response.headers["content-type"] ?? "";
      buffer(response).then((bytes) => resolve({ status: statusCode, type, bytes }), reject);
    },
  );
  asked.once("error", reject);
  outgoing.once("close", () => outgoing.writableFinished || asked.destroy());
  asked.end(body);
  return promise;
}
