import { once } from "node:events";
import { createServer } from "node:http";
import { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { createEgress, type EgressOptions, type GetOptions } from "../../src/egress/egress.ts";
import { type PlayedInternet, type PlayedInternetOptions, playInternet } from "../support/played-internet.ts";

const site = "http://a.example.com";
const open: PlayedInternet[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]();
});

async function play(answers: string[], options: PlayedInternetOptions = {}): Promise<PlayedInternet> {
  const internet = await playInternet({ answers: { "a.example.com": [answers] }, ...options });
  open.push(internet);
  return internet;
}

/** Asks for the whole body. `connect` takes the place of the played one. */
async function ask(internet: PlayedInternet, options: Partial<EgressOptions> & Partial<GetOptions> = {}) {
  const { mostBytes = 1_000, accept, ...changes } = options;
  const egress = createEgress({ allow: [], ...internet.options, ...changes });
  const asked = { mostBytes, signal: new AbortController().signal, ...(accept ? { accept } : {}) };
  await using response = await egress.get(site, asked);
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  const { status, contentType, totalBytes } = response;
  return { status, contentType, totalBytes, text: Buffer.concat(chunks).toString() };
}

const many = ["93.184.215.1", "93.184.215.2", "93.184.215.3", "93.184.215.4", "93.184.215.5", "93.184.215.6"];
const refused = () => new Socket().destroy(Object.assign(new Error("refused"), { code: "ECONNREFUSED" }));

describe("a name with many addresses", () => {
  it("is tried at four of them, in their order, and then told by what the last one did", async () => {
    const tried: string[] = [];
    const connect = (address: string, port: number) => {
      tried.push(`${address}:${port}`);
      return refused();
    };
    await expect(ask(await play(many), { connect })).rejects.toThrow(
      `${site} was asked in vain: nothing answers there.`,
    );
    expect(tried).toEqual(many.slice(0, 4).map((address) => `${address}:80`));
  });

  it("leaves time for the others when the first says nothing", async () => {
    const internet = await play(many.slice(0, 2));
    const connect: EgressOptions["connect"] = (address, port) =>
      address === many[0] ? new Socket() : (internet.options.connect?.(address, port) ?? refused());
    expect((await ask(internet, { connect, limits: { connectMs: 400 } })).text).toBe("hello");
  });

  it("is not tried further when the request is no longer wanted", async () => {
    const stop = new AbortController();
    let tried = 0;
    const connect = () => {
      tried += 1;
      setImmediate(() => stop.abort("stop"));
      return new Socket();
    };
    const internet = await play(many);
    const egress = createEgress({ allow: [], ...internet.options, connect });
    await expect(egress.get(site, { mostBytes: 10, signal: stop.signal })).rejects.toBe("stop");
    expect(tried).toBe(1);
  });
});

describe("a connection", () => {
  it("that leads elsewhere is closed before a byte has left", async () => {
    const sockets: Socket[] = [];
    const internet = await play(many);
    const connect: EgressOptions["connect"] = (address, port) => {
      const socket = internet.options.connect?.(address, port) ?? refused();
      sockets.push(socket);
      return Object.defineProperty(socket, "remoteAddress", { get: () => "10.0.0.1" });
    };
    await expect(ask(internet, { connect })).rejects.toThrow("leads to another address than the checked one");
    expect(sockets.map((socket) => [socket.destroyed, socket.bytesWritten])).toEqual([[true, 0]]);
  });

  it("that says nothing of where it leads is not used", async () => {
    const internet = await play(many);
    const connect: EgressOptions["connect"] = (address, port) =>
      Object.defineProperty(internet.options.connect?.(address, port) ?? refused(), "remoteAddress", {
        get: () => undefined,
      });
    await expect(ask(internet, { connect })).rejects.toThrow("leads to another address than the checked one");
  });

  it("is closed once its answer is read, also by the system's own means", async () => {
    const server = createServer((_, response) => response.end("local"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    try {
      const egress = createEgress({ allow: [`127.0.0.1:${port}`] });
      await using response = await egress.get(`http://127.0.0.1:${port}/`, {
        mostBytes: 9,
        signal: AbortSignal.timeout(5_000),
      });
      for await (const _ of response.body);
      await response[Symbol.asyncDispose]();
      expect(await new Promise((resolve) => server.getConnections((_, count) => resolve(count)))).toBe(0);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe("what is asked and answered", () => {
  it("tells what can be read, and nothing about who asks", async () => {
    let headers: Record<string, unknown> = {};
    const internet = await play(many, {
      serve(request, response) {
        headers = request.headers;
        response.end();
      },
    });
    await ask(internet);
    expect(headers).toEqual({
      host: "a.example.com",
      connection: "close",
      "user-agent": "Mozilla/5.0 (compatible; Memtrix)",
      accept: "*/*",
      "accept-language": "en, *;q=0.5",
      "accept-encoding": "gzip, br, zstd",
    });
    await ask(internet, { accept: "text/html" });
    expect(headers.accept).toBe("text/html");
  });

  it("may have just as many bytes as are taken, and not one more", async () => {
    const hello = (chunked: boolean) =>
      play(many, {
        serve(_, response) {
          if (!chunked) response.setHeader("content-length", 5);
          response.write("he");
          response.end("llo");
        },
      });
    for (const chunked of [true, false]) {
      const internet = await hello(chunked);
      expect((await ask(internet, { mostBytes: 5 })).totalBytes).toBe(chunked ? undefined : 5);
      await expect(ask(internet, { mostBytes: 4 })).rejects.toThrow(
        `${site} sends more than the 4 bytes that are taken.`,
      );
    }
  });

  it("says how long it is only where that is what will be read", async () => {
    const packed = gzipSync("hello");
    const said = (encoding: string, body: Buffer) =>
      play(many, {
        serve: (_, response) =>
          response.writeHead(200, { "content-length": body.length, "content-encoding": encoding }).end(body),
      });
    expect(await ask(await said("gzip", packed))).toMatchObject({ text: "hello", totalBytes: undefined });
    expect(await ask(await said("identity", Buffer.from("hello")))).toMatchObject({ text: "hello", totalBytes: 5 });
  });

  it("is let go of unread when it is no longer wanted", async () => {
    const closed = Promise.withResolvers<string>();
    const internet = await play(many, {
      serve(request, response) {
        request.socket.on("close", () => closed.resolve("closed"));
        response.writeHead(200, { "content-length": 100 }).flushHeaders();
      },
    });
    const egress = createEgress({ allow: [], ...internet.options });
    const response = await egress.get(site, { mostBytes: 1_000, signal: new AbortController().signal });
    await response[Symbol.asyncDispose]();
    expect(await closed.promise).toBe("closed");
  });

  it("has the type that the server says, once, and none when it says none", async () => {
    const type = (value?: string) =>
      play(many, { serve: (_, response) => response.writeHead(200, value ? { "content-type": value } : {}).end() });
    expect((await ask(await type(" Text/HTML "))).contentType).toBe("text/html");
    expect((await ask(await type())).contentType).toBe("");
  });

  it("is judged by its text before anything else, and a download may have 50 MiB unless the owner says otherwise", async () => {
    const { judge, downloadBytes } = createEgress({ allow: [] });
    expect(judge("nonsense")).toEqual({
      allow: false,
      rule: "only http:// and https:// are asked for",
      address: "nonsense",
    });
    expect(downloadBytes).toBe(50 * 1024 ** 2);
    expect(createEgress({ allow: [], downloadBytes: 7 }).downloadBytes).toBe(7);
    await expect(createEgress({ allow: [] }).resolve("nonsense", AbortSignal.timeout(99))).rejects.toThrow(
      "This address is not asked: only http:// and https:// are asked for.",
    );
  });
});
