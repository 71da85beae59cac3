import type { Dispatcher } from "undici";
import { Agent } from "undici";
import { acceptedEncodings } from "./body.ts";
import { type ConnectorOptions, createConnector } from "./connector.ts";
import type { EgressLimits } from "./limits.ts";

export interface HopOptions extends ConnectorOptions {
  accept: string;
  limits: EgressLimits;
}

/** One answer, its body unread. Disposing of it closes its connection. */
export interface Hop extends AsyncDisposable {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Dispatcher.ResponseData["body"];
}

/** One GET over a connection of its own: no cookies, no proxy, no credentials, no second request on it. */
export async function askOnce({ accept, limits, ...options }: HopOptions): Promise<Hop> {
  const { url } = options.target;
  // Time is kept by the caller's signal, to the millisecond.
  const agent = new Agent({
    connect: createConnector(options),
    ...{ allowH2: false, pipelining: 1, connections: 1, maxHeaderSize: limits.headerBytes },
    ...{ headersTimeout: 0, bodyTimeout: 0 },
  });
  try {
    const { statusCode, headers, body } = await agent.request({
      ...{ origin: url.origin, path: url.pathname + url.search, method: "GET", reset: true, signal: options.signal },
      headers: {
        "user-agent": "Mozilla/5.0 (compatible; Memtrix)",
        accept,
        "accept-language": "en, *;q=0.5",
        "accept-encoding": acceptedEncodings,
      },
    });
    body.on("error", () => {}); // Whoever reads it is told; nobody may be reading.
    return { status: statusCode, headers, body, [Symbol.asyncDispose]: () => agent.destroy() };
  } catch (error) {
    await agent.destroy();
    throw error;
  }
}
