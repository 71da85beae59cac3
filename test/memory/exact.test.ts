import { readFileSync } from "node:fs";
import { open, truncate } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { createLogger } from "../../src/log.ts";
import { openExactIndexes } from "../../src/memory/exact.ts";
import { VectorIndexAwayError, type VectorIndexes } from "../../src/memory/vector-index.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { trulyNearest, vectorSource } from "../support/vectors.ts";

const lines: string[] = [];
const log = createLogger({ write: (line) => lines.push(line) });

function openIn(directory: string): VectorIndexes {
  const indexes = openExactIndexes({ directory, why: "asked for", log });
  onTestFinished(() => indexes[Symbol.asyncDispose]());
  return indexes;
}

describe("what is found", () => {
  it.each([
    ["in small clusters", 1_000, 0.5],
    ["in tight clusters", 50, 0.3],
    ["in a few large clusters", 10, 1],
    ["all over", 0, 0],
  ])("is what plain arithmetic finds, at least 98 of 100: %s", async (_where, clusters, spread) => {
    const source = vectorSource(256, 3, clusters, spread);
    const items = source.items(8_000);
    const index = await openIn(temporaryFolder()).open("test", 256);
    await index.upsert(items);
    let right = 0;
    for (let round = 0; round < 30; round++) {
      const query = source.next();
      const truth = trulyNearest(items, query, 10);
      right += (await index.query(query, 10)).filter(({ id }) => truth.includes(id)).length;
    }
    expect(right / 300).toBeGreaterThanOrEqual(0.98);
  });

  it("keeps up with what is put, changed and deleted between queries, and while the first is under way", async () => {
    const source = vectorSource(64, 5);
    const index = await openIn(temporaryFolder()).open("test", 64);
    const items = new Map(source.items(4_000).map((item) => [item.id, item]));
    await index.upsert([...items.values()]);
    for (let round = 0; round < 12; round++) {
      const under = index.query(source.next(), 10);
      const changed = source
        .items(700)
        .map(({ id, vector }) => ({ id: `${id}${round % 2 ? "" : `-${round}`}`, vector }));
      const gone = [...items.keys()].slice(round * 100, round * 100 + 150);
      await Promise.all([index.upsert(changed), under]);
      await index.delete(gone);
      for (const item of changed) items.set(item.id, item);
      for (const id of gone) items.delete(id);
      const query = source.next();
      const hits = await index.query(query, 10);
      expect(hits.map(({ id }) => id)).toEqual(trulyNearest([...items.values()], query, 10));
      const half = [...items.keys()].filter((_, at) => at % 2 === 0);
      const among = await index.query(query, 5, half);
      const truth = trulyNearest(
        half.map((id) => items.get(id) as never),
        query,
        5,
      );
      expect(among.map(({ id }) => id)).toEqual(truth);
    }
    expect(await index.ids()).toEqual(new Set(items.keys()));
  });

  it("is there for all who open the collection, whoever put it there", async () => {
    const indexes = openIn(temporaryFolder());
    const [one, other] = [await indexes.open("test", 64), await indexes.open("test", 64)];
    const [first, second] = vectorSource(64, 1).items(2);
    await one.upsert([first as never]);
    await one.query((first as { vector: Float32Array }).vector, 1);
    await other.upsert([second as never]);
    const hits = await one.query((second as { vector: Float32Array }).vector, 1);
    expect(hits[0]?.id).toBe("item-1");
  });

  it("is still found after a restart", async () => {
    const directory = temporaryFolder();
    const items = vectorSource(64, 9).items(50);
    const before = openIn(directory);
    await (await before.open("test", 64)).upsert(items);
    await before[Symbol.asyncDispose]();
    const index = await openIn(directory).open("test", 64);
    const hits = await index.query((items[7] as { vector: Float32Array }).vector, 1);
    expect(hits[0]?.id).toBe("item-7");
  });
});

it("leaves the event loop free while it puts, searches and drops", async () => {
  const indexes = openIn(temporaryFolder());
  const index = await indexes.open("test", 768);
  const items = vectorSource(768, 4).items(6_000);
  let [turns, ended] = [0, false];
  const turn = (): void => {
    turns++;
    if (!ended) setImmediate(turn);
  };
  turn();
  await index.upsert(items);
  const afterPut = turns;
  await index.query((items[0] as { vector: Float32Array }).vector, 10);
  const afterQuery = turns;
  await indexes.drop("test");
  ended = true;
  // Each slice lets others have their turn; how long one takes is a matter of the machine.
  expect(afterPut).toBeGreaterThanOrEqual(24);
  expect(afterQuery - afterPut).toBeGreaterThanOrEqual(24);
  expect(turns - afterQuery).toBeGreaterThanOrEqual(5);
});

it("keeps nothing of a collection that is dropped, not even where nobody looks", async () => {
  const directory = temporaryFolder();
  const indexes = openIn(directory);
  const index = await indexes.open("of-one-who-goes", 64);
  await index.upsert(vectorSource(64, 3).items(600));
  await indexes.drop("of-one-who-goes");
  const left = ["vectors.db", "vectors.db-wal"].map((name) => readFileSync(join(directory, name)).toString("latin1"));
  expect(left.join()).not.toMatch(/of-one-who-goes|item-\d/);
});

describe("a damaged file", () => {
  async function filled(directory: string): Promise<void> {
    const indexes = openExactIndexes({ directory, why: "asked for", log });
    const index = await indexes.open("test", 64);
    await index.upsert(vectorSource(64, 2).items(2_000));
    await indexes[Symbol.asyncDispose]();
  }

  async function overwrite(path: string, from: number, length: number): Promise<void> {
    await using file = await open(path, "r+");
    await file.write(Buffer.alloc(length, 0xa5), 0, length, from);
  }

  it("is begun anew, and says so", async () => {
    const directory = temporaryFolder();
    await filled(directory);
    await overwrite(join(directory, "vectors.db"), 0, 100);
    const indexes = openIn(directory);
    expect(await indexes.names()).toEqual([]);
    expect(lines.at(-1)).toContain("vectors.db");
    const index = await indexes.open("test", 64);
    await index.upsert(vectorSource(64, 2).items(10));
    expect(await index.count()).toBe(10);
  });

  it("that shows itself in the middle is told once; then all can be put back", async () => {
    const directory = temporaryFolder();
    await filled(directory);
    await overwrite(join(directory, "vectors.db"), 16_384 * 8, 16_384 * 12);
    const indexes = openIn(directory);
    const back = new Promise<void>((resolve) => onTestFinished(indexes.onBack(resolve)));
    const index = await indexes.open("test", 64);
    const query = vectorSource(64, 8).next();
    await expect(index.query(query, 5)).rejects.toThrow(VectorIndexAwayError);
    await back;
    expect(await index.count()).toBe(0);
    await index.upsert(vectorSource(64, 2).items(2_000));
    expect(await index.query(query, 5)).toHaveLength(5);
  });

  it("that was cut off is begun anew", async () => {
    const directory = temporaryFolder();
    await filled(directory);
    await truncate(join(directory, "vectors.db"), 16_384 * 3);
    const indexes = openIn(directory);
    const index = await indexes.open("test", 64).catch(() => indexes.open("test", 64));
    await index
      .query(vectorSource(64, 8).next(), 5)
      .catch((error) => expect(error).toBeInstanceOf(VectorIndexAwayError));
    expect(await index.count()).toBe(0);
  });

  it("of another version is begun anew", async () => {
    const directory = temporaryFolder();
    await filled(directory);
    using database = new DatabaseSync(join(directory, "vectors.db"));
    database.exec("PRAGMA user_version = 99");
    database.close();
    expect(await openIn(directory).names()).toEqual([]);
  });
});
