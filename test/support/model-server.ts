import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

/** What the model says, and what goes wrong on the way. */
export interface Turn {
  thinking?: string;
  text?: string;
  /** `id` and `rawInput` (arguments as text) where the wire has them. */
  calls?: { name: string; input?: unknown; rawInput?: string; id?: string }[];
  finish?: "length" | "refused";
  usage?: { input: number; output: number; cached?: number; cost?: number };
  /** Frames of the wire in place of those that the turn would give. */
  frames?: string[];

  /** The HTTP answer in place of a stream. */
  status?: number;
  headers?: Record<string, string>;
  body?: string | object;
  /** Before anything is sent; `Infinity` for never. */
  delayMs?: number;
  /** The stream ends after so many bytes … */
  afterBytes?: number;
  /** … like this: with a proper end of the body, a closed socket, a reset, or not at all. */
  ending?: "end" | "close" | "reset" | "hang";
  /** Sends comments (blank lines for Ollama) forever in place of an answer. */
  pingEveryMs?: number;
  /** Sends this as an error after the turn's text. */
  streamError?: unknown;
  /** Changes the bytes of the stream. */
  edit?(bytes: Buffer): Buffer;
  /** How many bytes the next write has; all at once unless given. */
  sliceBytes?: () => number;
}

export type ScriptedTurn<Body> = string | Turn | ((body: Body) => string | Turn);

export interface ReceivedRequest<Body> {
  path: string;
  headers: IncomingMessage["headers"];
  body: Body;
  bytes: Buffer;
  /** Resolves when the connection's answer is over, however it ended. */
  closed: Promise<void>;
}

export interface ModelServer<Body> {
  url: string;
  /** The chats, in order. */
  requests: ReceivedRequest<Body>[];
  /** Everything that was asked, as `GET /path`. */
  asked: string[];
  turns: ScriptedTurn<Body>[];
  /** Resolves with the chat of this number (from 0) as soon as it has come. */
  request(index: number): Promise<ReceivedRequest<Body>>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface Wire<Body> {
  chatPath: string;
  contentType: string;
  ping: string;
  frames(turn: Turn, body: Body): string[];
  /** Answers of all other paths: a status and a body. */
  answer(path: string, body: unknown): { status?: number; body: unknown; contentType?: string } | undefined;
  error(message: string): object;
}

/** A server that speaks one wire format and takes each chat's answer from `turns`, in order. */
export async function startModelServer<Body>(
  wire: Wire<Body>,
  turns: ScriptedTurn<Body>[],
  port = 0,
): Promise<ModelServer<Body>> {
  const requests: ReceivedRequest<Body>[] = [];
  const asked: string[] = [];
  const waiting: { index: number; resolve(request: ReceivedRequest<Body>): void }[] = [];
  const ending = new AbortController();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = await buffer(request);
    const path = request.url ?? "/";
    asked.push(`${request.method} ${path}`);
    const body = bytes.length > 0 ? JSON.parse(bytes.toString()) : undefined;
    if (path !== wire.chatPath) {
      const answer = wire.answer(path, body) ?? { status: 404, body: wire.error("not found") };
      response.writeHead(answer.status ?? 200, {
        "content-type": answer.contentType ?? "application/json; charset=utf-8",
      });
      response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
      return;
    }

    const closed = once(response, "close").then(() => {});
    const received = { path, headers: request.headers, body: body as Body, bytes, closed };
    requests.push(received);
    for (const { resolve } of waiting.filter(({ index }) => index === requests.length - 1)) resolve(received);

    const scripted = turns.shift() ?? { status: 400, body: wire.error("the script has no turn left") };
    const turn = typeof scripted === "function" ? scripted(received.body) : scripted;
    await play(typeof turn === "string" ? { text: turn } : turn, received.body, response);
  }

  async function play(turn: Turn, body: Body, response: ServerResponse): Promise<void> {
    if (turn.delayMs === Number.POSITIVE_INFINITY) return;
    if (turn.delayMs) await sleep(turn.delayMs, undefined, { signal: ending.signal });
    if (turn.status !== undefined || turn.body !== undefined) {
      response.writeHead(turn.status ?? 200, { "content-type": "application/json; charset=utf-8", ...turn.headers });
      response.end(typeof turn.body === "string" ? turn.body : JSON.stringify(turn.body ?? wire.error("")));
      return;
    }

    response.writeHead(200, { "content-type": wire.contentType, ...turn.headers });
    while (turn.pingEveryMs && !response.closed) {
      response.write(wire.ping);
      await sleep(turn.pingEveryMs, undefined, { signal: ending.signal });
    }
    const whole = Buffer.from((turn.frames ?? wire.frames(turn, body)).join(""));
    const edited = turn.edit?.(whole) ?? whole;
    const sent = edited.subarray(0, turn.afterBytes ?? edited.length);
    for (let start = 0, end = 0; start < sent.length && !response.closed; start = end) {
      end = turn.sliceBytes ? start + turn.sliceBytes() : sent.length;
      await new Promise((resolve) => response.write(sent.subarray(start, end), resolve));
    }
    if (sent.length === 0) response.flushHeaders();
    if (turn.ending === "hang") return;
    if (turn.ending === "close") response.destroy();
    else if (turn.ending === "reset") response.socket?.resetAndDestroy();
    else response.end();
  }

  const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()));
  server.listen(port, "127.0.0.1");
  await once(server, "listening");

  const close = async () => {
    ending.abort();
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    asked,
    turns,
    request(index) {
      const received = requests[index];
      return received ? Promise.resolve(received) : new Promise((resolve) => waiting.push({ index, resolve }));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The pieces in which a model speaks: a word each. */
export function words(text: string): string[] {
  return text.split(/(?<= )/).filter(Boolean);
}
