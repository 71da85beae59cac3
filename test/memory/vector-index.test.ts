import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silent } from "../../src/log.ts";
import { openChromaIndexes } from "../../src/memory/chroma.ts";
import type { RunningChroma } from "../../src/memory/chroma-process.ts";
import { openExactIndexes } from "../../src/memory/exact.ts";
import { keepPartsApart } from "../../src/memory/parts-apart.ts";
import type { VectorIndex, VectorIndexes } from "../../src/memory/vector-index.ts";
import { chromaCommand, startTestChroma } from "../support/chroma.ts";
import { trulyNearest, vectorSource } from "../support/vectors.ts";

const canRunChroma = (await chromaCommand()) !== undefined;
const folder = mkdtempSync(join(tmpdir(), "memtrix-test-"));
let server: RunningChroma | undefined;

const kinds = {
  exact: async () => openExactIndexes({ directory: folder, why: "asked for", log: silent }),
  chroma: async () => {
    server = await startTestChroma(join(folder, "chroma"));
    return keepPartsApart(
      openChromaIndexes({ url: server.url, title: "Chroma", log: silent }),
      openExactIndexes({ directory: join(folder, "parts"), why: "parts", log: silent }),
    );
  },
};

afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const east = new Float32Array([1, 0, 0]);
const north = new Float32Array([0, 2, 0]);
const northEast = new Float32Array([3, 3, 0]);

describe.for(["exact", "chroma"] as const)("vectors in %s", (kind) => {
  const test = it.skipIf(kind === "chroma" && !canRunChroma);
  let indexes: VectorIndexes;
  let count = 0;
  const empty = (dimension = 3): Promise<VectorIndex> => indexes.open(`test-${++count}`, dimension);

  async function compass(): Promise<VectorIndex> {
    const index = await empty();
    await index.upsert([
      { id: "east", vector: east },
      { id: "north", vector: north },
      { id: "north-east", vector: northEast },
    ]);
    return index;
  }
  const idsOf = async (found: ReturnType<VectorIndex["query"]>): Promise<string[]> => (await found).map(({ id }) => id);

  beforeAll(async () => {
    if (kind === "exact" || canRunChroma) indexes = await kinds[kind]();
  }, 120_000);
  afterAll(async () => indexes?.[Symbol.asyncDispose]());

  test("are found by their direction, nearest first, with its cosine", async () => {
    const index = await compass();
    const hits = await index.query(new Float32Array([5, 0, 0]), 3);
    expect(hits.map(({ id }) => id)).toEqual(["east", "north-east", "north"]);
    expect(hits.map(({ similarity }) => Math.round(similarity * 1000))).toEqual([1000, 707, 0]);
  });

  test("that are parts are found when they are named, and not by searching", async () => {
    const index = await compass();
    await index.upsert([{ id: "east-south-east", vector: new Float32Array([5, -1, 0]), isPart: true }]);
    expect(await idsOf(index.query(east, 4))).toEqual(["east", "north-east", "north"]);
    expect(await idsOf(index.query(east, 4, ["north", "east-south-east", "east"]))).toEqual([
      ...["east", "east-south-east", "north"],
    ]);
    expect(await index.count()).toBe(4);
    expect(await index.has(["east-south-east", "nowhere"])).toEqual(new Set(["east-south-east"]));
    await index.delete(["east-south-east", "east"]);
    expect(await index.ids()).toEqual(new Set(["north", "north-east"]));
  });

  test("are not found beyond the limit, and a limit beyond what is there is no fault", async () => {
    const index = await compass();
    expect(await idsOf(index.query(north, 1))).toEqual(["north"]);
    expect(await index.query(north, 500)).toHaveLength(3);
  });

  test("are found among some alone; ids that are not there, or stand there twice, do not matter", async () => {
    const index = await compass();
    expect(await idsOf(index.query(east, 5, ["north", "nowhere", "north-east", "north"]))).toEqual([
      "north-east",
      "north",
    ]);
    expect(await index.query(east, 5, ["nowhere"])).toEqual([]);
    expect(await index.query(east, 5, [])).toEqual([]);
  });

  test("get a new direction under a known id", async () => {
    const index = await compass();
    await index.upsert([{ id: "east", vector: north }]);
    expect(await index.count()).toBe(3);
    const [best, second] = await index.query(north, 2);
    expect([best?.id, second?.id].sort()).toEqual(["east", "north"]);
    expect(second?.similarity).toBeCloseTo(1, 3);
  });

  test("take the last of two under one id", async () => {
    const index = await empty();
    await index.upsert([
      { id: "it", vector: east },
      { id: "it", vector: north },
    ]);
    expect((await index.query(north, 1))[0]?.similarity).toBeCloseTo(1, 3);
  });

  test("are gone when they are deleted, and ids that are not there are passed over", async () => {
    const index = await compass();
    await index.query(east, 1);
    await index.delete(["east", "nowhere"]);
    expect(await idsOf(index.query(east, 5))).toEqual(["north-east", "north"]);
    expect(await index.ids()).toEqual(new Set(["north", "north-east"]));
    expect(await index.has(["east", "north", "nowhere"])).toEqual(new Set(["north"]));
    expect(await index.count()).toBe(2);
  });

  test("are none in a collection that is empty", async () => {
    const index = await empty();
    expect(await index.query(east, 5)).toEqual([]);
    expect(await index.ids()).toEqual(new Set());
    expect(await index.has(["east"])).toEqual(new Set());
    expect(await index.count()).toBe(0);
    await index.upsert([]);
    await index.delete([]);
  });

  test("of another length are refused, and so is a collection of another dimension", async () => {
    const index = await compass();
    const short = new Float32Array(2);
    const refusal = `The vectors of ${index.name} have 3 dimensions, not 2.`;
    await expect(index.upsert([{ id: "short", vector: short }])).rejects.toThrow(refusal);
    await expect(index.query(short, 1)).rejects.toThrow(refusal);
    await expect(indexes.open(index.name, 2)).rejects.toThrow(refusal);
  });

  test("are still there for the next who opens them", async () => {
    const { name } = await compass();
    expect(await (await indexes.open(name, 3)).count()).toBe(3);
  });

  test("go with their collection, and those of others stay", async () => {
    const [kept, dropped] = [await compass(), await compass()];
    expect(await indexes.names()).toEqual(expect.arrayContaining([kept.name, dropped.name]));
    await indexes.drop(dropped.name);
    await indexes.drop(dropped.name);
    expect(await indexes.names()).not.toContain(dropped.name);
    expect(await kept.count()).toBe(3);
    // Whoever still has it in hand finds it empty, and can fill it again.
    expect(await dropped.query(east, 3)).toEqual([]);
    await dropped.upsert([{ id: "east", vector: east }]);
    expect(await dropped.ids()).toEqual(new Set(["east"]));
  });

  test("are all put, told and deleted when they are many", { timeout: 120_000 }, async () => {
    const index = await empty(8);
    const items = vectorSource(8, 1).items(6_000);
    await index.upsert(items);
    expect(await index.count()).toBe(6_000);
    const ids = items.map(({ id }) => id);
    expect(await index.ids()).toEqual(new Set(ids));
    expect(await index.has(ids)).toEqual(new Set(ids));
    const some = ids.filter((_, at) => at % 2 === 0);
    const [query] = vectorSource(8, 2).items(1);
    const among = await index.query((query as { vector: Float32Array }).vector, 10, some);
    expect(among).toHaveLength(10);
    expect(some).toEqual(expect.arrayContaining(among.map(({ id }) => id)));
    await index.delete(some);
    expect(await index.count()).toBe(3_000);
  });

  test("are found as plain arithmetic finds them: at least 98 of 100", { timeout: 300_000 }, async () => {
    const source = vectorSource(384, 7, 100);
    const items = source.items(10_000);
    const index = await empty(384);
    await index.upsert(items);
    let right = 0;
    for (let round = 0; round < 30; round++) {
      const query = source.next();
      const truth = trulyNearest(items, query, 10);
      right += (await index.query(query, 10)).filter(({ id }) => truth.includes(id)).length;
    }
    expect(right / 300).toBeGreaterThanOrEqual(0.98);
  });
});
