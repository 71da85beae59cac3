import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { anyFree } from "../../src/child/free-port.ts";
import { ConfigError } from "../../src/errors.ts";
import { silent } from "../../src/log.ts";
import { openChromaIndexes } from "../../src/memory/chroma.ts";
import type { RunningChroma } from "../../src/memory/chroma-process.ts";
import { type VectorIndex, VectorIndexAwayError, type VectorIndexes } from "../../src/memory/vector-index.ts";
import { chromaCommand, startTestChroma } from "../support/chroma.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { vectorSource } from "../support/vectors.ts";

const canRunChroma = (await chromaCommand()) !== undefined;

async function serverOn(directory: string): Promise<RunningChroma> {
  const server = await startTestChroma(directory);
  onTestFinished(() => server.stop());
  return server;
}

function indexesAt(url: string): VectorIndexes {
  const indexes = openChromaIndexes({ url, title: "Chroma", log: silent });
  onTestFinished(() => indexes[Symbol.asyncDispose]());
  return indexes;
}

const backOf = (indexes: VectorIndexes): Promise<void> =>
  new Promise((resolve) => onTestFinished(indexes.onBack(resolve)));

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** A server that answers as it is told. */
async function playedServer(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.skipIf(!canRunChroma)("a Chroma of our own", { timeout: 60_000 }, () => {
  it("that is killed in the middle of it loses nothing that it has acknowledged, and comes back by itself", async () => {
    const server = await serverOn(join(temporaryFolder(), "chroma"));
    const indexes = indexesAt(server.url);
    const index = await indexes.open("test", 64);
    const items = vectorSource(64, 1).items(3_000);
    const acknowledged: string[] = [];
    for (let kill = 0; kill < 3; kill++) {
      const back = backOf(indexes);
      const killed = server.pid();
      const fault = await (async () => {
        for (;;) {
          const some = items.slice(acknowledged.length, acknowledged.length + 50);
          const stored = index.upsert(some);
          if (acknowledged.length === (kill + 1) * 500) process.kill(killed, "SIGKILL");
          await stored;
          acknowledged.push(...some.map(({ id }) => id));
        }
      })().catch((error) => error);
      expect(fault).toBeInstanceOf(VectorIndexAwayError);
      expect(fault.message).toBe("Chroma cannot be reached: search goes by keyword alone until it is back.");
      expect(indexes.state()).toEqual({ kind: "chroma", away: true, text: fault.message });
      await expect(index.query(items[0]?.vector as Float32Array, 1)).rejects.toThrow(VectorIndexAwayError);
      await back;
      expect(indexes.state().away).toBe(false);
      expect(server.pid()).not.toBe(killed);
      expect(await index.has(acknowledged)).toEqual(new Set(acknowledged));
      const last = items[acknowledged.length - 1];
      expect((await index.query(last?.vector as Float32Array, 1))[0]?.id).toBe(last?.id);
    }
  });

  it("whose folder is deleted is empty, says so, and can be filled again", async () => {
    const directory = join(temporaryFolder(), "chroma");
    const server = await serverOn(directory);
    const indexes = indexesAt(server.url);
    const index = await indexes.open("test", 8);
    await index.upsert(vectorSource(8, 1).items(20));
    const back = backOf(indexes);
    rmSync(directory, { recursive: true });
    process.kill(server.pid(), "SIGKILL");
    await index.count().catch(() => back);
    expect(await index.count()).toBe(0);
    await back;
    await index.upsert(vectorSource(8, 1).items(20));
    expect(await index.count()).toBe(20);
  });

  it("whose collection another has deleted says that it must be filled again", async () => {
    const server = await serverOn(join(temporaryFolder(), "chroma"));
    const [indexes, other] = [indexesAt(server.url), indexesAt(server.url)];
    const index = await indexes.open("test", 8);
    await index.upsert(vectorSource(8, 1).items(20));
    const back = backOf(indexes);
    await other.drop("test");
    expect(await index.has(["item-1"])).toEqual(new Set());
    await back;
  });

  /** A server with a collection of 2,500, whose files that fit the pattern are overwritten before it starts again. */
  async function damaged(files: RegExp, mended: boolean): Promise<{ indexes: VectorIndexes; index: VectorIndex }> {
    const directory = join(temporaryFolder(), "chroma");
    const server = await serverOn(directory);
    const mend = mended ? { mend: server.beginAnew } : {};
    const indexes = openChromaIndexes({ url: server.url, title: "Chroma", log: silent, ...mend });
    onTestFinished(() => indexes[Symbol.asyncDispose]());
    const index = await indexes.open("test", 16);
    await index.upsert(vectorSource(16, 1).items(2_500));
    process.kill(server.pid(), "SIGSTOP");
    for (const name of readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((one) => files.test(one))) {
      await using file = await open(join(directory, name), "r+");
      const { size } = await file.stat();
      await file.write(Buffer.alloc(size, 0xa5), 0, size, 0);
    }
    process.kill(server.pid(), "SIGKILL");
    return { indexes, index };
  }

  it.each([/\.sqlite3$/, /\.bin$/])(
    "whose data are damaged is begun anew, and can be filled again: %s",
    async (files) => {
      const { indexes, index } = await damaged(files, true);
      const back = backOf(indexes);
      await expect(index.count()).rejects.toThrow(VectorIndexAwayError);
      await back;
      expect(await index.ids()).toEqual(new Set());
      await index.upsert(vectorSource(16, 1).items(20));
      expect(await index.count()).toBe(20);
    },
  );

  it("at the owner's address, with damaged data, is told of with what to do", async () => {
    const { indexes, index } = await damaged(/\.bin$/, false);
    await expect(index.count()).rejects.toThrow(VectorIndexAwayError);
    const told = "Chroma has damaged data and must be begun anew, with an empty folder";
    await expect.poll(() => indexes.state().text, { timeout: 30_000 }).toContain(told);
    expect(indexes.state().away).toBe(true);
  });

  it("keeps to its own among the collections of others", async () => {
    const server = await serverOn(join(temporaryFolder(), "chroma"));
    const indexes = indexesAt(server.url);
    const { ChromaClient } = await import("chromadb");
    const client = new ChromaClient({ host: "127.0.0.1", port: Number(new URL(server.url).port), ssl: false });
    await client.createCollection({ name: "of-another", embeddingFunction: null });
    await indexes.open("test", 8);
    expect(await indexes.names()).toEqual(["test"]);
  });

  it("leaves nothing running, and no note of it", async () => {
    const folder = temporaryFolder();
    const server = await startTestChroma(join(folder, "chroma"));
    const pid = server.pid();
    await server.stop();
    expect(isRunning(pid)).toBe(false);
    expect(readdirSync(folder).sort()).toEqual(["chroma", "chroma.lock"]);
  });

  it("that a killed starter left running is ended by the next", async () => {
    const directory = join(temporaryFolder(), "chroma");
    const starter = spawn(process.execPath, [join(import.meta.dirname, "../support/leave-chroma.ts"), directory], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void starter.kill("SIGKILL"));
    const [said] = await once(starter.stdout, "data");
    const left = Number(said);
    onTestFinished(() => {
      if (isRunning(left)) process.kill(left, "SIGKILL");
    });
    starter.kill("SIGKILL");
    await once(starter, "exit");
    const server = await serverOn(directory);
    expect(isRunning(left)).toBe(false);
    const indexes = indexesAt(server.url);
    expect(await (await indexes.open("test", 8)).count()).toBe(5);
  });

  it("has its folder for itself", async () => {
    const directory = join(temporaryFolder(), "chroma");
    await serverOn(directory);
    await expect(startTestChroma(directory)).rejects.toThrow(ConfigError);
  });
});

describe("a Chroma that is away", () => {
  it("does not hold up whoever asks, and is given up at once when all is closed", async () => {
    const indexes = indexesAt(`http://127.0.0.1:${await anyFree()}`);
    await expect(indexes.open("test", 8)).rejects.toThrow("cannot be reached");
    await expect(indexes.names()).rejects.toThrow(VectorIndexAwayError);
    await indexes[Symbol.asyncDispose]();
  });

  it("may be another program at its address", async () => {
    const page = await playedServer((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" }).end("<!doctype html>");
    });
    await expect(indexesAt(page).open("test", 8)).rejects.toThrow("Chroma answers as no Chroma does");
    const nothing = await playedServer((_request, response) => response.writeHead(404).end());
    await expect(indexesAt(nothing).open("test", 8)).rejects.toThrow("Chroma answers as no Chroma does");
  });

  it("may refuse us: name and password of its address go along, and are not shown", async () => {
    const seen: (string | undefined)[] = [];
    const url = await playedServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(401).end("{}");
    });
    const fault = await indexesAt(url.replace("://", "://me:s3cret@"))
      .names()
      .catch((error) => error);
    expect(fault.message).toBe("Chroma refuses our name and password: search goes by keyword alone until it is back.");
    expect(seen[0]).toBe(`Basic ${Buffer.from("me:s3cret").toString("base64")}`);
  });

  it("cannot have a path in its address, and the owner hears of it at once", () => {
    expect(() => openChromaIndexes({ url: "http://127.0.0.1:8000/chroma", title: "Chroma", log: silent })).toThrow(
      ConfigError,
    );
  });
});
