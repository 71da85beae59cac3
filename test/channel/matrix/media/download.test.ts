import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { seal } from "../../../../src/channel/matrix/media/sealed.ts";
import { downloadAttachment } from "../../../../src/channel/matrix/media.ts";

interface Asked {
  path: string;
  authorization: string | undefined;
}

/** A homeserver that hands out media as told, and remembers what it was asked. */
async function mediaServer(answer: { status?: number; headers?: Record<string, string>; parts: Uint8Array[] }) {
  const asked: Asked[] = [];
  let sent = 0;
  const server = createServer((request, response) => {
    asked.push({ path: request.url ?? "", authorization: request.headers.authorization });
    response.writeHead(answer.status ?? 200, answer.headers);
    const next = (index: number) => {
      const part = answer.parts[index];
      if (!part || response.destroyed) return response.end();
      sent += part.byteLength;
      response.write(part, () => setImmediate(next, index + 1));
    };
    next(0);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = { getHomeserverUrl: () => url, getAccessToken: () => "secret-token", getDomain: () => "memtrix.test" };
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { client, asked, sent: () => sent, [Symbol.dispose]: close };
}

const hello = new TextEncoder().encode("hello");
const address = "mxc://memtrix.test/AbC_-9";
const file = (more: object = {}) => ({ msgtype: "m.file", body: "notes.txt", url: address, ...more });
const options = { maxBytes: 1000 };

describe("a file that somebody sent", () => {
  it("is asked for where the token is wanted, with the token in a header alone", async () => {
    using server = await mediaServer({ parts: [hello] });
    const attachment = await downloadAttachment(server.client, file({ body: "look!", filename: "notes.txt" }), options);
    expect(attachment).toEqual({ name: "notes.txt", mimetype: "text/plain", bytes: hello });
    expect(server.asked).toEqual([
      { path: "/_matrix/client/v1/media/download/memtrix.test/AbC_-9", authorization: "Bearer secret-token" },
    ]);
  });

  it("that is not handed out there is asked for nowhere else", async () => {
    using server = await mediaServer({ status: 404, parts: [] });
    await expect(downloadAttachment(server.client, file(), options)).rejects.toThrow("does not have the file");
    expect(server.asked).toHaveLength(1);
  });

  it("is not fetched from where the homeserver would send us", async () => {
    using elsewhere = await mediaServer({ parts: [hello] });
    using server = await mediaServer({
      status: 302,
      headers: { location: elsewhere.client.getHomeserverUrl() },
      parts: [],
    });
    await expect(downloadAttachment(server.client, file(), options)).rejects.toThrow();
    expect(elsewhere.asked).toEqual([]);
  });

  it.each([
    "mxc://memtrix.test/../../admin",
    "mxc://memtrix.test/a/b",
    "mxc://memtrix.test/a%2fb",
    "mxc://memtrix.test/a?b",
    "mxc://memtrix.test/",
    "mxc://memtrix.test/a\n",
    "mxc://evil.example/abc",
    "mxc://memtrix.test:80/abc",
    "mxc://memtrix.test@evil/abc",
    "mxc://../abc",
    "MXC://memtrix.test/abc",
    "https://memtrix.test/abc",
    "",
  ])("at %j is asked for by nobody", async (url) => {
    using server = await mediaServer({ parts: [hello] });
    await expect(downloadAttachment(server.client, file({ url }), options)).rejects.toThrow(/Matrix|homeserver/);
    expect(server.asked).toEqual([]);
  });

  it("can lie on a server that is allowed for", async () => {
    using server = await mediaServer({ parts: [hello] });
    const url = "mxc://friends.example/abc";
    await downloadAttachment(server.client, file({ url }), { ...options, servers: ["friends.example"] });
    expect(server.asked[0]?.path).toBe("/_matrix/client/v1/media/download/friends.example/abc");
  });

  it("that says to be too large is not asked for", async () => {
    using server = await mediaServer({ parts: [hello] });
    const huge = file({ info: { size: 2 * 1024 ** 3 } });
    await expect(downloadAttachment(server.client, huge, options)).rejects.toThrow("larger than");
    expect(server.asked).toEqual([]);
  });

  it("that is larger than it says is not read to its end", async () => {
    const parts = Array.from({ length: 2000 }, () => new Uint8Array(64 * 1024));
    using server = await mediaServer({ parts });
    await expect(downloadAttachment(server.client, file({ info: { size: 5 } }), options)).rejects.toThrow(
      "larger than",
    );
    expect(server.sent()).toBeLessThan(50 * 1024 ** 2);
    using honest = await mediaServer({ headers: { "content-length": "5000" }, parts: [new Uint8Array(5000)] });
    await expect(downloadAttachment(honest.client, file(), options)).rejects.toThrow("larger than");
  });

  it("is opened with its key, and only as it was sent", async () => {
    const { sealed, keys } = await seal(hello);
    const content = file({ url: undefined, file: { ...keys, url: address } });
    using server = await mediaServer({ parts: [sealed] });
    expect((await downloadAttachment(server.client, content, options)).bytes).toEqual(hello);
    using changed = await mediaServer({ parts: [sealed.with(0, (sealed[0] ?? 0) ^ 1)] });
    await expect(downloadAttachment(changed.client, content, options)).rejects.toThrow("changed on its way");
  });

  it.each([{ v: "v1" }, { hashes: {} }, { iv: "short" }, { key: { kty: "oct", alg: "none", k: "x" } }])(
    "with a key of another form (%j) is not taken",
    async (wrong) => {
      const { keys } = await seal(hello);
      using server = await mediaServer({ parts: [hello] });
      const content = file({ file: { ...keys, ...wrong, url: address } });
      await expect(downloadAttachment(server.client, content, options)).rejects.toThrow("cannot be decrypted");
      expect(server.asked).toEqual([]);
    },
  );

  it("is not waited for when the run is stopped", async () => {
    const controller = new AbortController();
    using server = await mediaServer({ parts: [hello] });
    controller.abort();
    await expect(
      downloadAttachment(server.client, file(), { ...options, signal: controller.signal }),
    ).rejects.toThrow();
  });
});
