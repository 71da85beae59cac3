import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setImmediate as nextTurn } from "node:timers/promises";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { silent } from "../../src/log.ts";
import { openChromaIndexes } from "../../src/memory/chroma.ts";
import { openExactIndexes } from "../../src/memory/exact.ts";
import type { VectorIndex, VectorIndexes } from "../../src/memory/vector-index.ts";
import { chromaCommand, startTestChroma } from "../support/chroma.ts";
import { type IndexedMemory, openIndexedMemory, sayLongAgo } from "../support/indexed-memory.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { canMount, mountSmallDisk } from "../support/small-disk.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { wordEmbedder } from "../support/word-embedder.ts";

const batch = 16;
const indexer = join(import.meta.dirname, "../support/index-until-killed.ts");
const messages = Array.from({ length: 300 }, (_, index) => `parcel p${index} was brought to house h${index} at noon`);

let home: string;
let embedded: string[];
beforeEach(() => {
  home = temporaryFolder();
  embedded = [];
});

async function open(embedder = wordEmbedder((texts) => void embedded.push(...texts))): Promise<IndexedMemory> {
  const opened = await openIndexedMemory({ home, embedder });
  onTestFinished(() => opened[Symbol.asyncDispose]());
  return opened;
}
function journal(day: string, text: string): string {
  mkdirSync(join(home, "workspace/memory"), { recursive: true });
  const path = join(home, "workspace/memory", `${day}.md`);
  writeFileSync(path, `## Notes\n\n- ${text}\n`);
  return path;
}
const found = async ({ memory }: IndexedMemory, text: string) =>
  (await memory.search({ text, limit: 3 })).flatMap(({ lines }) => lines.map(({ text }) => text));

/** What is in the index is what was said and written: each chunk once, and each vector. */
async function expectWhole(opened: IndexedMemory): Promise<void> {
  const { chunks, vectors } = opened.store.memory("main");
  const all = chunks.newest(10_000, { from: 0, to: Number.MAX_SAFE_INTEGER });
  const texts = all.map(({ lines }) => JSON.stringify(lines.map(({ text }) => text)));
  expect(new Set(texts).size).toBe(texts.length);
  const index = await opened.indexes.open(opened.collection(), 32);
  const ids = await index.ids();
  expect(ids.size).toBe(vectors.countIn(opened.collection()));
  for (const id of ids) expect(vectors.place(id)).toBeDefined();
  for (const number of [0, 7, 150, 299])
    expect(await found(opened, `p${number} h${number}`)).toContain(messages[number]);
}

describe("a memory whose program is killed while it indexes", { timeout: 120_000 }, () => {
  it("goes on where it was: all is found, nothing is there twice, nothing is embedded twice that was stored", async () => {
    {
      await using first = await openIndexedMemory({ home, embedder: wordEmbedder() });
      sayLongAgo(first.store, messages);
    }
    for (const day of ["2026-02-01", "2026-02-02"]) journal(day, `the mill of ${day} stands still`);
    const random = seededRandom(7);
    const lastBatches = new Set<string>();
    const notes = join(home, "embedded.jsonl");
    const batches = (): string[] => (existsSync(notes) ? readFileSync(notes, "utf8").split("\n").filter(Boolean) : []);
    for (let kill = 0; kill < 5; kill++) {
      const child = spawn(process.execPath, [indexer, home, notes], { stdio: ["pipe", "pipe", "inherit"] });
      const ended = once(child, "exit");
      let left = Math.floor(random() * 5);
      for await (const _line of createInterface(child.stdout)) if (left-- === 0) child.kill("SIGKILL");
      expect((await ended)[1]).toBe("SIGKILL");
      lastBatches.add(batches().at(-1) ?? "");
    }

    const texts = batches().flatMap((line): string[] => JSON.parse(line));
    const excused = [...lastBatches].flatMap((line): string[] => (line === "" ? [] : JSON.parse(line)));
    const opened = await open();
    await opened.whole();
    await expectWhole(opened);
    expect((await found(opened, "the mill")).filter((text) => text.includes("mill"))).toHaveLength(2);
    const all = [...texts, ...embedded];
    const twice = all.filter((text, index) => all.indexOf(text) !== index);
    for (const text of twice) expect(excused).toContain(text);
    expect(twice.length).toBeLessThanOrEqual(5 * batch);
    expect(texts.length).toBeGreaterThan(0);
  });
});

describe("a memory whose vectors", () => {
  beforeEach(async () => {
    await using first = await openIndexedMemory({ home, embedder: wordEmbedder() });
    sayLongAgo(first.store, messages);
    await first.whole();
  });

  it("are deleted embeds all of it again, once", async () => {
    for (const end of ["", "-wal", "-shm"]) rmSync(join(home, `vectors.db${end}`), { force: true });
    const opened = await open();
    await opened.whole();
    await expectWhole(opened);
    expect(new Set(embedded).size).toBe(embedded.length);
    expect(embedded.length).toBe(opened.store.memory("main").vectors.countIn(opened.collection()));
  });

  it("are damaged embeds them again, and searches meanwhile", async () => {
    const path = join(home, "vectors.db");
    const bytes = readFileSync(path);
    for (let at = 0; at < bytes.length; at += 97) bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    writeFileSync(path, bytes);
    const opened = await open();
    expect(await found(opened, "p7 h7")).toContain(messages[7]);
    await opened.whole();
    await expectWhole(opened);
  });

  it("do not answer in time are not waited for", async () => {
    const gate = Promise.withResolvers<void>();
    const exact = openExactIndexes({ directory: home, why: "a test", log: silent });
    const indexes: VectorIndexes = {
      ...exact,
      async open(name, dimension) {
        const index = await exact.open(name, dimension);
        const query: VectorIndex["query"] = (...asked) => gate.promise.then(() => index.query(...asked));
        return { ...index, query };
      },
    };
    const opened = await openIndexedMemory({ home, embedder: wordEmbedder(), indexes });
    onTestFinished(() => opened[Symbol.asyncDispose]());
    await opened.whole();
    expect(await found(opened, "p7 h7")).toContain(messages[7]);
    expect((await opened.memory.status()).text).toContain("by keyword alone: the vectors are still being read");
    gate.resolve();
    await found(opened, "p7 h7");
    expect((await opened.memory.status()).text).toContain("by meaning");
  });

  it("are of another model stay until those of the new one are whole, and the state says how far they are", async () => {
    const gate = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    const opened = await open(
      wordEmbedder(async (texts) => {
        embedded.push(...texts);
        if (embedded.length <= 4 * batch) return;
        reached.resolve();
        await gate.promise;
      }, "words-2"),
    );
    const before = opened.collection();
    opened.memory.start();
    await reached.promise;
    expect(await opened.indexes.names()).toHaveLength(2);
    expect((await opened.memory.status()).text).toMatch(/ by meaning .*; \d+ of its \d+ texts have no vector yet$/);
    expect(await found(opened, "p7 h7")).toContain(messages[7]);
    gate.resolve();
    await opened.whole();
    expect(opened.collection()).not.toBe(before);
    expect((await opened.memory.status()).text).not.toContain("no vector");
    await opened.memory[Symbol.asyncDispose](); // What is under way is brought to its end.
    expect(await opened.indexes.names()).toEqual([opened.collection()]);
    expect(new Set(embedded).size).toBe(embedded.length);
  });
});

describe("journals that are changed by hand while the program runs", () => {
  it("are found as they are now, also when their whole folder is another", async () => {
    const opened = await open();
    const path = journal("2026-03-01", "the ferry is red");
    expect(await found(opened, "ferry")).toHaveLength(1);
    renameSync(path, path.replace("01.md", "02.md"));
    expect((await opened.memory.search({ text: "ferry", limit: 3 })).map(({ day }) => day)).toEqual(["2026-03-02"]);

    renameSync(join(home, "workspace/memory"), join(home, "workspace/old"));
    expect(await found(opened, "ferry")).toEqual([]);
    journal("2026-03-03", "the ferry is green");
    expect(await found(opened, "ferry")).toEqual(["the ferry is green"]);
    rmSync(join(home, "workspace/memory"), { recursive: true });
    journal("2026-03-04", "the ferry is blue");
    expect(await found(opened, "ferry")).toEqual(["the ferry is blue"]);
    journal("2026-03-05", "the ferry is white");
    expect((await found(opened, "ferry")).sort()).toEqual(["the ferry is blue", "the ferry is white"]);
  });

  it("may be ten thousand, and hold nothing up", { timeout: 120_000 }, async () => {
    const first = Date.parse("1990-01-01");
    for (let day = 0; day < 10_000; day++)
      journal(new Date(first + day * 86_400_000).toISOString().slice(0, 10), `entry e${day} of the lighthouse`);
    const opened = await openIndexedMemory({ home });
    onTestFinished(() => opened[Symbol.asyncDispose]());
    let turns = 0;
    const done = opened.memory.reindex(() => {}).then(() => -1);
    while ((await Promise.race([done, nextTurn(0)])) === 0) turns++;
    expect(turns).toBeGreaterThan(1_000);
    expect(await found(opened, "e9876")).toEqual(["entry e9876 of the lighthouse"]);
    journal("1990-01-02", "entry e1 is torn out");
    await opened.memory.reindex(() => {});
    expect(await found(opened, "torn")).toEqual(["entry e1 is torn out"]);
  });
});

describe("a clock that is moved", () => {
  it("a day back and forth loses nothing that is said meanwhile", async () => {
    let at = Date.parse("2026-05-05T12:00:00Z");
    const opened = await openIndexedMemory({ home, embedder: wordEmbedder(), now: () => new Date(at) });
    onTestFinished(() => opened[Symbol.asyncDispose]());
    const session = opened.store.sessions.begin("main", "here").id;
    for (const [index, days] of [0, -1, 1, -1].entries()) {
      at += days * 86_400_000;
      const fixed = { session, run: undefined, role: "user", sender: "Ada", origin: "owner" } as const;
      opened.store.log.append([{ ...fixed, at: new Date(at), text: `the kettle whistles for time t${index} today` }]);
      expect(await found(opened, `kettle t${index}`)).toContain(`the kettle whistles for time t${index} today`);
    }
    at += 86_400_000;
    await opened.whole();
    const kettles = await opened.memory.search({ text: "kettle", limit: 9 });
    expect(new Set(kettles.flatMap(({ lines }) => lines.map(({ text }) => text))).size).toBe(4);
  });
});

describe.skipIf(!canMount)("a disk that is full while it is indexed", { timeout: 60_000 }, () => {
  it("leaves a memory that goes on when there is room again", async () => {
    {
      await using first = await openIndexedMemory({ home, embedder: wordEmbedder() });
      sayLongAgo(first.store, messages);
    }
    const small = temporaryFolder();
    using disk = await mountSmallDisk(small, 8 * 2 ** 20);
    for (const name of ["memtrix.db", "vectors.db"]) copyFileSync(join(home, name), disk.at(join(small, name)));
    disk.fill(300_000);
    const [program = "", ...first] = disk.prefix;
    const child = spawn(program, [...first, process.execPath, indexer, small], { stdio: ["pipe", "pipe", "inherit"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const next = async (wanted: RegExp): Promise<string> => {
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error("It ended.");
        if (wanted.test(value)) return value;
      }
    };
    await next(/opened/);
    child.stdin.write("p299 h299\n");
    expect(await next(/^\[/)).not.toContain(messages[299]);
    disk.empty();
    child.stdin.write("p299 h299\n");
    await next(/whole/);
    child.stdin.write("p299 h299\n");
    expect(await next(/^\[.*p299/)).toContain(messages[299]);
  });
});

describe.skipIf((await chromaCommand()) === undefined)("a Chroma that is killed while it is filled", () => {
  it("gets the rest when it is back; nothing is embedded twice, and searches go on", { timeout: 60_000 }, async () => {
    const server = await startTestChroma(join(home, "chroma"));
    onTestFinished(() => server.stop());
    const indexes = openChromaIndexes({ url: server.url, title: "Chroma", log: silent });
    let batches = 0;
    const killed = Promise.withResolvers<void>();
    const embedder = wordEmbedder((texts) => {
      embedded.push(...texts);
      if (++batches !== 5 && batches !== 9) return;
      process.kill(server.pid(), "SIGKILL");
      killed.resolve();
    });
    const opened = await openIndexedMemory({ home, embedder, indexes });
    onTestFinished(() => opened[Symbol.asyncDispose]());
    sayLongAgo(opened.store, messages);
    const whole = opened.whole();
    await killed.promise;
    expect(await found(opened, "p7 h7")).toContain(messages[7]);
    await whole;
    await expectWhole(opened);
    expect(new Set(embedded).size).toBe(embedded.length);
  });
});
