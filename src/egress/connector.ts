import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { buildConnector } from "undici";
import { EgressError } from "./egress-error.ts";
import { addressBytes, isSameAddress } from "./ip-address.ts";
import type { Target } from "./judge.ts";

/** Begins a connection to an IP address. */
export type Connect = (address: string, port: number) => Socket;

export const connectWithSystem: Connect = (host, port) => connectTcp({ host, port, noDelay: true });

export interface ConnectorOptions {
  target: Target;
  /** Checked: nothing else is connected to, whatever the name says by now. */
  addresses: readonly string[];
  connect: Connect;
  /** For all attempts together. */
  connectMs: number;
  /** The certificates that count, where the system's do not: PEM. */
  certificates: string | undefined;
  signal: AbortSignal;
}

/** More are not tried. */
const mostAddresses = 4;

/** Connects to the checked addresses in turn, and checks what the socket is connected to before a byte leaves. */
export function createConnector(options: ConnectorOptions): buildConnector.connector {
  return (_asked, callback) => {
    open(options).then(
      (socket) => callback(null, socket),
      (error: Error) => callback(error, null),
    );
  };
}

async function open({
  target,
  addresses,
  connect,
  connectMs,
  certificates,
  signal,
}: ConnectorOptions): Promise<Socket> {
  const { url, host, port } = target;
  const until = performance.now() + connectMs;
  const tried = addresses.slice(0, mostAddresses);
  let failure: unknown;
  for (const [index, address] of tried.entries()) {
    const shareMs = Math.max(1, (until - performance.now()) / (tried.length - index));
    const socket = connect(address, port);
    try {
      await established(socket, "connect", shareMs, signal);
    } catch (error) {
      signal.throwIfAborted();
      failure = error;
      continue;
    }
    if (!isSameAddress(addressBytes(socket.remoteAddress ?? ""), addressBytes(address))) {
      socket.destroy();
      throw new EgressError(
        `${url.origin} is not asked: the connection leads to another address than the checked one.`,
      );
    }
    if (url.protocol === "http:") return socket;
    const secure = connectTls({
      ...{ socket, host, servername: target.bytes ? "" : host, ALPNProtocols: ["http/1.1"] },
      // Said in so many words, it cannot be switched off from the environment.
      rejectUnauthorized: true,
      ...(certificates === undefined ? {} : { ca: certificates }),
    });
    await established(secure, "secureConnect", Math.max(1, until - performance.now()), signal);
    return secure;
  }
  throw failure;
}

/** Waits for the event; the socket is destroyed when it does not come. */
async function established(socket: Socket, event: string, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await once(socket, event, { signal: AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(ms))]) });
  } catch (error) {
    socket.on("error", () => {}); // It may fail once more while it closes.
    socket.destroy();
    throw error;
  }
}
