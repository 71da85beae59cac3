import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, connect as connectTcp, createServer as createRawServer, type Socket } from "node:net";
import type { EgressOptions } from "../../src/egress/egress.ts";

/** What names stand for; given in turn when it is asked for more than once, the last one from then on. */
export type Answers = Record<string, string[][]>;

export interface PlayedInternet extends AsyncDisposable {
  /** For `createEgress`: look-ups and connections go here and nowhere else. */
  options: Pick<EgressOptions, "resolve" | "connect" | "ownAddresses">;
  lookUps: string[];
  /** `address:port` of each connection that was begun. */
  connections: string[];
}

export interface PlayedInternetOptions {
  answers?: Answers;
  /** Every public address is this server. */
  serve?: RequestListener;
  /** Takes the connection itself, in place of `serve`. */
  raw?(socket: Socket): void;
  secure?: { key: string; cert: string };
  ownAddresses?: string[];
}

/** A resolver and public servers on loopback. A socket says of itself that it is where it was sent. */
export async function playInternet(options: PlayedInternetOptions = {}): Promise<PlayedInternet> {
  const { answers = {}, serve = (_, response) => response.end("hello") } = options;
  const lookUps: string[] = [];
  const connections: string[] = [];
  const plain: Server = options.raw ? (createRawServer(options.raw) as Server) : createServer(serve);
  const secure = options.secure && createSecureServer(options.secure, serve);
  const servers = [plain, ...(secure ? [secure] : [])];
  const open = new Set<Socket>();
  for (const server of servers) {
    server.on("connection", (socket: Socket) => open.add(socket.on("error", () => {})));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }
  return {
    ...{ lookUps, connections },
    options: {
      async resolve(host) {
        lookUps.push(host);
        const known = answers[host] ?? [];
        return (known.length > 1 ? known.shift() : known[0]) ?? [];
      },
      connect(address, port) {
        connections.push(`${address}:${port}`);
        const server = secure && [443, 8443].includes(port) ? secure : plain;
        const socket = connectTcp((server.address() as AddressInfo).port, "127.0.0.1");
        return Object.defineProperty(socket, "remoteAddress", { get: () => address, configurable: true });
      },
      ownAddresses: () => options.ownAddresses ?? [],
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      for (const server of servers) server.close();
    },
  };
}
