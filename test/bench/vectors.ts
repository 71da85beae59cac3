import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { silent } from "../../src/log.ts";
import { openChromaIndexes } from "../../src/memory/chroma.ts";
import { openExactIndexes } from "../../src/memory/exact.ts";
import type { VectorIndexes, VectorItem } from "../../src/memory/vector-index.ts";
import { chromaCommand, startTestChroma } from "../support/chroma.ts";
import { trulyNearest, type VectorSource, vectorSource } from "../support/vectors.ts";
import { quantiles, type Row, rounded } from "./report.ts";

const dimension = 768;
const queries = 200;
const judged = 30;
/** As many as an indexer puts at a time. */
const batch = 64;

/** Exact search, and Chroma where there is one: `sizes` vectors of 768 dimensions, in clusters of a hundred. */
export async function benchVectors(sizes: readonly number[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const size of sizes) {
    const source = vectorSource(dimension, size, Math.ceil(size / 100));
    const items = source.items(size);
    rows.push(await measureExact(source, items));
    if (await chromaCommand()) rows.push(await measureChroma(source, items));
  }
  return rows;
}

async function measureExact(source: VectorSource, items: VectorItem[]): Promise<Row> {
  const directory = mkdtempSync(join(tmpdir(), "memtrix-bench-"));
  const indexes = openExactIndexes({ directory, why: "measured", log: silent });
  try {
    const row = await measure("exact", indexes, source, items);
    return { ...row, "disk MB": diskMegabytes(directory) };
  } finally {
    await indexes[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true });
  }
}

async function measureChroma(source: VectorSource, items: VectorItem[]): Promise<Row> {
  const directory = mkdtempSync(join(tmpdir(), "memtrix-bench-"));
  const server = await startTestChroma(join(directory, "chroma"));
  const indexes = openChromaIndexes({ url: server.url, title: "Chroma", log: silent });
  try {
    const row = await measure("chroma", indexes, source, items);
    return { ...row, "disk MB": diskMegabytes(directory) };
  } finally {
    await indexes[Symbol.asyncDispose]();
    await server.stop();
    rmSync(directory, { recursive: true });
  }
}

async function measure(kind: string, indexes: VectorIndexes, source: VectorSource, items: VectorItem[]): Promise<Row> {
  const index = await indexes.open("bench", dimension);
  const insertMs = await timed(async () => {
    for (let at = 0; at < items.length; at += batch) await index.upsert(items.slice(at, at + batch));
  });

  const before = memoryMegabytes();
  const first = source.next();
  const firstMs = await timed(() => index.query(first, 10));
  const memory = memoryMegabytes() - before;

  const asked = Array.from({ length: queries }, source.next);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const took: number[] = [];
  for (const query of asked) took.push(await timed(() => index.query(query, 10)));
  delay.disable();

  let right = 0;
  for (const query of asked.slice(0, judged)) {
    const truth = trulyNearest(items, query, 10);
    right += (await index.query(query, 10)).filter(({ id }) => truth.includes(id)).length;
  }
  return {
    ...{ kind, vectors: items.length, "inserts/s": Math.round((items.length / insertMs) * 1000) },
    ...{ "query ms": quantiles(took), "first query ms": rounded(firstMs) },
    ...{ "longest block ms": rounded(delay.max / 1e6), "recall@10": rounded(right / (judged * 10)) },
    "own memory MB": rounded(memory),
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function memoryMegabytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

function diskMegabytes(directory: string): number {
  const files = readdirSync(directory, { recursive: true, encoding: "utf8" }).map((name) => join(directory, name));
  return rounded(files.reduce((sum, path) => sum + statSync(path).size, 0) / 1e6);
}
