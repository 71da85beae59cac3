import { createHash, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ConfigError } from "../errors.ts";

export interface MetricsServerOptions {
  /** 0 takes a free one. */
  port: number;
  /** What a reader must send as `Authorization: Bearer …`. */
  key: string;
  text(): Promise<string>;
}

/** Answers `GET /metrics` on this machine alone, to whoever has the key. @throws ConfigError when the port is taken. */
export async function serveMetrics({
  port,
  key,
  text,
}: MetricsServerOptions): Promise<AsyncDisposable & { port: number }> {
  const expected = digest(`Bearer ${key}`);
  const server = createServer(async ({ method, url, headers }, response) => {
    const end = (status: number, body: string): void => void response.writeHead(status).end(body);
    response.setHeader("content-type", "text/plain; version=0.0.4; charset=utf-8");
    if (!timingSafeEqual(digest(headers.authorization ?? ""), expected)) return end(401, "The key is missing.\n");
    if (method !== "GET" || url !== "/metrics") return end(404, "There is only GET /metrics.\n");
    await text().then(
      (body) => end(200, body),
      () => end(500, "The metrics cannot be read now.\n"),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.on("error", (cause) =>
      reject(
        new ConfigError(`Metrics cannot be served on port ${port}: set another "metrics.port" in data/config.json.`, {
          cause,
        }),
      ),
    );
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Of one length, whatever was sent: so that the comparison tells nothing by its time. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
