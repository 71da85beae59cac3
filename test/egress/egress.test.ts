import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, Socket } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { createEgress, type EgressOptions, type GetOptions } from "../../src/egress/egress.ts";
import { EgressError } from "../../src/egress/egress-error.ts";
import { type PlayedInternet, type PlayedInternetOptions, playInternet } from "../support/played-internet.ts";
import { selfSigned } from "../support/self-signed.ts";

const site = "http://a.example.com";
const answers = { "a.example.com": [["93.184.215.14"]], "b.example.com": [["93.184.215.15"]] };
const resources: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of resources.splice(0)) await one[Symbol.asyncDispose]();
});

async function play(options: PlayedInternetOptions): Promise<PlayedInternet> {
  const internet = await playInternet({ answers, ...options });
  resources.push(internet);
  return internet;
}

async function ask(
  internet: PlayedInternet,
  address: string,
  { limits, certificates, ...options }: Partial<GetOptions> & Pick<EgressOptions, "limits" | "certificates"> = {},
) {
  const egress = createEgress({
    ...{ allow: [], ...internet.options },
    ...(limits ? { limits } : {}),
    ...(certificates ? { certificates } : {}),
  });
  const signal = new AbortController().signal;
  await using response = await egress.get(address, { mostBytes: 1_000_000, signal, ...options });
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  const { status, redirects, contentType, filename, totalBytes } = response;
  return {
    address: response.address,
    status,
    redirects,
    contentType,
    filename,
    totalBytes,
    body: Buffer.concat(chunks),
  };
}

/** Sends a text a byte at a time, then `after` again and again. */
function drip(text: string, after = "", everyMs = 10): (socket: Socket) => void {
  return (socket) => {
    let at = 0;
    const timer = setInterval(() => socket.write(text[at++] ?? after), everyMs);
    socket.on("close", () => clearInterval(timer));
  };
}

/** As to an address where nobody answers. */
function neverConnected(): Socket {
  return new Socket();
}

async function refusal(asked: Promise<unknown>): Promise<string> {
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EgressError);
  return (error as EgressError).message;
}

describe("a request", () => {
  it("goes to the checked address under the name that was asked for, with nothing that tells who asks", async () => {
    let seen: { headers: Record<string, unknown>; url: string | undefined } | undefined;
    const internet = await play({
      serve(request, response) {
        seen = { headers: request.headers, url: request.url };
        response.writeHead(200, { "content-type": "Text/Plain; charset=UTF-8", "set-cookie": "a=b" });
        response.end("hello");
      },
    });
    const answer = await ask(internet, `${site}:8080/a?b=c#d`);
    expect(answer).toMatchObject({ address: `${site}:8080/a?b=c`, status: 200, redirects: [], totalBytes: undefined });
    expect(answer.contentType).toBe("text/plain; charset=utf-8");
    expect(answer.body.toString()).toBe("hello");
    expect(internet).toMatchObject({ lookUps: ["a.example.com"], connections: ["93.184.215.14:8080"] });
    expect(seen?.url).toBe("/a?b=c");
    expect(Object.keys(seen?.headers ?? {}).sort()).toEqual(
      ["accept", "accept-encoding", "accept-language", "connection", "host", "user-agent"].sort(),
    );
    expect(seen?.headers.host).toBe("a.example.com:8080");
  });

  it("brings no cookie from one request to the next, and looks up anew each time", async () => {
    const cookies: unknown[] = [];
    const internet = await play({
      serve(request, response) {
        cookies.push(request.headers.cookie);
        response.writeHead(200, { "set-cookie": "a=b; Path=/" }).end();
      },
    });
    await ask(internet, site);
    await ask(internet, site);
    expect(cookies).toEqual([undefined, undefined]);
    expect(internet.lookUps).toHaveLength(2);
  });

  it("tells how far it is, and the name that the server gives the file", async () => {
    const internet = await play({
      serve: (_, response) =>
        response
          .writeHead(200, { "content-length": 5, "content-disposition": `attachment; filename*=utf-8''%c3%a4.txt` })
          .end("hello"),
    });
    const progress: [number, number | undefined][] = [];
    const answer = await ask(internet, site, { onProgress: (bytes, total) => progress.push([bytes, total]) });
    expect(answer).toMatchObject({ filename: "ä.txt", totalBytes: 5 });
    expect(progress.at(-1)).toEqual([5, 5]);
  });

  it("takes no notice of the environment's proxies", async () => {
    const internet = await play({});
    const before = { ...process.env };
    Object.assign(process.env, {
      http_proxy: "http://127.0.0.1:9",
      HTTP_PROXY: "http://127.0.0.1:9",
      NODE_USE_ENV_PROXY: "1",
    });
    try {
      expect((await ask(internet, site)).body.toString()).toBe("hello");
    } finally {
      process.env = before;
    }
  });

  it("tries the next address of a name when one does not answer", async () => {
    const internet = await play({ answers: { "a.example.com": [["2606:4700::1", "93.184.215.14"]] } });
    const { connect } = internet.options;
    internet.options.connect = (address, port) => {
      const socket = connect?.(address, port);
      if (!socket) throw new Error("no socket");
      if (address.includes(":")) socket.destroy(Object.assign(new Error("no way"), { code: "ENETUNREACH" }));
      return socket;
    };
    expect((await ask(internet, site)).body.toString()).toBe("hello");
    expect(internet.connections).toEqual(["2606:4700::1:80", "93.184.215.14:80"]);
  });

  it("is not made over a connection that leads elsewhere", async () => {
    const internet = await play({});
    const { connect } = internet.options;
    internet.options.connect = (address, port) => {
      const socket = connect?.(address, port);
      if (!socket) throw new Error("no socket");
      return Object.defineProperty(socket, "remoteAddress", { get: () => "127.0.0.1" });
    };
    expect(await refusal(ask(internet, site))).toMatch(/^http:\/\/a\.example\.com is not asked: the connection leads/);
  });

  it("ends at once when it is no longer wanted", async () => {
    const internet = await play({ serve: () => {} });
    const stop = new AbortController();
    const asked = ask(internet, site, { signal: stop.signal });
    setTimeout(() => stop.abort("stop"), 30);
    await expect(asked).rejects.toBe("stop");
    await expect(ask(internet, site, { signal: stop.signal })).rejects.toBe("stop");
  });
});

describe("a compressed body", () => {
  const text = Buffer.from("a page with some words in it, ".repeat(40));
  it.each([
    ["gzip", gzipSync(text)],
    ["x-gzip", gzipSync(text)],
    ["deflate", deflateSync(text)],
    ["br", brotliCompressSync(text)],
    ["zstd", zstdCompressSync(text)],
    ["identity", text],
  ])("is unpacked: %s", async (encoding, bytes) => {
    const internet = await play({
      serve: (_, response) => response.writeHead(200, { "content-encoding": encoding }).end(bytes),
    });
    expect((await ask(internet, site)).body).toEqual(text);
  });

  it.each(["gzip, gzip", "br, gzip", "compress", "toString"])("is not taken when it is %j", async (encoding) => {
    const internet = await play({
      serve: (_, response) => response.writeHead(200, { "content-encoding": encoding }).end(gzipSync(gzipSync(text))),
    });
    expect(await refusal(ask(internet, site))).toBe(`${site} encodes its answer in a way that is not taken.`);
  });

  it.each([
    ["gzip", gzipSync(text)],
    ["br", brotliCompressSync(text)],
    ["zstd", zstdCompressSync(text)],
  ])("is told to be damaged: %s", async (encoding, bytes) => {
    const damaged = Buffer.from(bytes);
    damaged.fill(0xee, Math.floor(damaged.length / 2));
    const internet = await play({
      serve: (_, response) => response.writeHead(200, { "content-encoding": encoding }).end(damaged),
    });
    expect(await refusal(ask(internet, site))).toBe(`${site} was asked in vain: its body is damaged.`);
    const cut = await play({
      serve: (_, response) => response.writeHead(200, { "content-encoding": encoding }).end(bytes.subarray(0, -9)),
    });
    expect(await refusal(ask(cut, site))).toBe(`${site} was asked in vain: its body is damaged.`);
  });

  const zeros = Buffer.alloc(64 * 1024 ** 2);
  it.each([
    ["gzip", () => gzipSync(zeros)],
    ["br", () => brotliCompressSync(zeros)],
    ["zstd", () => zstdCompressSync(zeros)],
    ["gzip", () => Buffer.concat(Array<Buffer>(400).fill(gzipSync(Buffer.alloc(1024 ** 2))))],
  ])("that is a bomb is given up early: %s", async (encoding, make) => {
    const bomb = make();
    const internet = await play({
      serve: (_, response) => response.writeHead(200, { "content-encoding": encoding }).end(bomb),
    });
    const before = process.memoryUsage.rss();
    const message = await refusal(ask(internet, site, { mostBytes: 500 * 1024 ** 2 }));
    expect(message).toBe(`${site} sent a body that unpacks to more than 100 times its size.`);
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1024 ** 2);
  });
});

describe("a server without measure", () => {
  const limits = { connectMs: 150, headersMs: 150, idleMs: 150, totalMs: 600 };

  it("is left when its body has no end", async () => {
    const chunk = Buffer.alloc(64 * 1024, "x");
    let sent = 0;
    const internet = await play({
      serve(_, response) {
        const write = (): void => {
          while (!response.destroyed && response.write(chunk)) sent += chunk.length;
        };
        response.on("drain", write).on("error", () => {});
        write();
      },
    });
    expect(await refusal(ask(internet, site, { mostBytes: 2 * 1024 ** 2 }))).toBe(
      `${site} sends more than the 2 MiB that are taken.`,
    );
    expect(sent).toBeLessThan(64 * 1024 ** 2);
  });

  it("is left before its body when it says that it is too long", async () => {
    const internet = await play({
      serve(_, response) {
        response.writeHead(200, { "content-length": 3_000_000 });
        response.flushHeaders();
      },
    });
    expect(await refusal(ask(internet, site))).toBe(`${site} sends more than the 1,000,000 bytes that are taken.`);
  });

  it("is left when its headers come a byte at a time", async () => {
    const internet = await play({ raw: drip("HTTP/1.1 200 OK\r\nx-slow: ".padEnd(500, "x")) });
    expect(await refusal(ask(internet, site, { limits }))).toBe(`${site} did not begin to answer within 0.15 s.`);
  });

  it("is left when it says nothing at all", async () => {
    const internet = await play({ raw: () => {} });
    expect(await refusal(ask(internet, site, { limits }))).toBe(`${site} did not begin to answer within 0.15 s.`);
  });

  it("is left when it falls silent in mid-body", async () => {
    const internet = await play({
      raw: (socket) => void socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello"),
    });
    expect(await refusal(ask(internet, site, { limits }))).toBe(`${site} sent nothing for 0.15 s.`);
  });

  it("is left when its body comes a byte at a time without end", async () => {
    const internet = await play({
      raw(socket) {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        drip("", "x")(socket);
      },
    });
    expect(await refusal(ask(internet, site, { limits }))).toBe(`${site} did not answer in full within 0.6 s.`);
  });

  it("is left when its connection is not accepted in time", async () => {
    const internet = await play({});
    internet.options.connect = () => neverConnected();
    expect(await refusal(ask(internet, site, { limits }))).toMatch(/it could not be connected to in time\.$/);
  });

  it("is left when its name is not resolved in time", async () => {
    const internet = await play({});
    internet.options.resolve = () => new Promise(() => {});
    expect(await refusal(ask(internet, site, { limits }))).toBe(
      `${site} was not reached: its name was not resolved within 0.15 s.`,
    );
  });

  it("is left when its headers are too long", async () => {
    const internet = await play({
      raw: (socket) => void socket.write(`HTTP/1.1 200 OK\r\nx: ${"x".repeat(66_000)}\r\n\r\n`),
    });
    expect(await refusal(ask(internet, site))).toMatch(/its headers are too long\.$/);
  });

  it.each([
    ["a shorter body than it says", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello", /it ended the connection/],
    [
      "two lengths",
      "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 9\r\n\r\nhello",
      /does not speak plain HTTP/,
    ],
    [
      "a length and chunks",
      "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
      /does not speak plain HTTP/,
    ],
    ["no HTTP", "SSH-2.0-OpenSSH_9.9\r\n", /does not speak plain HTTP/],
    [
      "chunks without end",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
      /it ended the connection/,
    ],
  ])("is told apart when it sends %s", async (_what, answer, reason) => {
    const internet = await play({ raw: (socket) => void socket.end(answer) });
    expect(await refusal(ask(internet, `${site}/secret?key=1`))).toMatch(reason);
  });

  it("gets no password for a proxy", async () => {
    const internet = await play({
      serve: (_, response) => response.writeHead(407, { "proxy-authenticate": "Basic" }).end(),
    });
    expect(await refusal(ask(internet, site))).toMatch(/asks for a proxy's password/);
  });
});

describe("a redirect", () => {
  it("is followed, and the way is told", async () => {
    const seen: (string | undefined)[] = [];
    const internet = await play({
      serve(request, response) {
        seen.push(request.headers.host);
        if (request.headers.host === "a.example.com")
          response.writeHead(302, { location: "http://b.example.com/x%20y?z" });
        response.end("there");
      },
    });
    const answer = await ask(internet, `${site}/start`);
    expect(answer).toMatchObject({ address: "http://b.example.com/x%20y?z", redirects: [`${site}/start`] });
    expect(seen).toEqual(["a.example.com", "b.example.com"]);
    expect(internet.connections).toEqual(["93.184.215.14:80", "93.184.215.15:80"]);
  });

  it.each([
    ["/\\127.0.0.1/", /a backslash/],
    ["file:///etc/passwd", /only http/],
    ["//127.0.0.1/", /this machine/],
    ["http://0x08080808/", /plain decimal/],
    ["http://b.example.com:22/", /port 22/],
    ["http://user:password@b.example.com/", /user name or password/],
    ["http://localhost/", /one part|localhost/],
    ["gopher://b.example.com/", /only http/],
    ["", /does not say where to/],
  ])("to %j is not followed", async (location, reason) => {
    const internet = await play({ serve: (_, response) => response.writeHead(302, { location }).end() });
    expect(await refusal(ask(internet, site))).toMatch(reason);
    expect(internet.connections).toHaveLength(1);
  });

  it("leads to a place that the owner has opened only from that place itself", async () => {
    const internet = await play({
      serve: (_, response) => response.writeHead(302, { location: "http://192.168.1.5:8123/" }).end(),
    });
    const egress = createEgress({ allow: ["192.168.1.5:8123"], ...internet.options });
    const asked = egress.get(site, { mostBytes: 10, signal: new AbortController().signal });
    expect(await refusal(asked)).toBe(
      `${site} redirects to http://192.168.1.5:8123, which is asked only when it is named itself.`,
    );
  });

  it("is followed five times, not six, and not in a circle", async () => {
    let left = 5;
    const internet = await play({
      serve(_, response) {
        if (left > 0) response.writeHead(302, { location: `/${left}` });
        left -= 1;
        response.end("there");
      },
    });
    expect((await ask(internet, site)).redirects).toHaveLength(5);
    left = 6;
    expect(await refusal(ask(internet, site))).toBe(`${site} redirects more than 5 times.`);
    const circle = await play({
      serve: (request, response) => response.writeHead(302, { location: request.url === "/a" ? "/b" : "/a" }).end(),
    });
    expect(await refusal(ask(circle, site))).toBe(`${site} redirects in a circle.`);
    expect(circle.connections).toHaveLength(3);
  });
});

describe("over TLS", () => {
  it("the certificate counts for the name, not for the address", async () => {
    const { key, cert } = selfSigned("a.example.com");
    const internet = await play({ secure: { key, cert } });
    expect((await ask(internet, "https://a.example.com/", { certificates: cert })).body.toString()).toBe("hello");
    expect(await refusal(ask(internet, "https://b.example.com/", { certificates: cert }))).toMatch(
      /for another name\.$/,
    );
    expect(await refusal(ask(internet, "https://93.184.215.14/", { certificates: cert }))).toMatch(
      /for another name\.$/,
    );
    expect(await refusal(ask(internet, "https://a.example.com/"))).toMatch(/signed by itself\.$/);
  });

  it("no variable switches the check off", async () => {
    const { key, cert } = selfSigned("a.example.com");
    const internet = await play({ secure: { key, cert } });
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    try {
      expect(await refusal(ask(internet, "https://a.example.com/"))).toMatch(/signed by itself\.$/);
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
  });
});

describe("with this machine's own means", () => {
  it("a server on loopback is reached once the owner has opened it, and not before", async () => {
    const hosts: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      hosts.push(request.headers.host);
      response.end("local");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const signal = new AbortController().signal;
    try {
      const closed = createEgress({ allow: [] });
      expect(await refusal(closed.get(`http://127.0.0.1:${port}/`, { mostBytes: 10, signal }))).toMatch(/is not asked/);
      const open = createEgress({ allow: [`localhost:${port}`] });
      await using response = await open.get(`http://localhost:${port}/`, { mostBytes: 10, signal });
      expect(response.status).toBe(200);
      expect(hosts).toEqual([`localhost:${port}`]);
      expect(await refusal(createEgress({ allow: [] }).resolve(`http://localhost:${port}`, signal))).toMatch(
        /not asked/,
      );
      expect(await open.resolve(`http://localhost:${port}`, signal)).toMatchObject({ host: "localhost", port });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it("an address of its own interfaces is refused although it is public", async () => {
    const internet = await play({ ownAddresses: ["93.184.215.14"] });
    expect(await refusal(ask(internet, site))).toMatch(/it is this machine\.$/);
    expect(await refusal(ask(internet, "http://93.184.215.14/"))).toMatch(/it is this machine\.$/);
    expect(internet.connections).toEqual([]);
  });
});
