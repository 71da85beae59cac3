import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { silent } from "../../src/log.ts";
import { chunkText } from "../../src/memory/chunk.ts";
import { collectionName, collectionPrefix } from "../../src/memory/collections.ts";
import { createVectorIndexing } from "../../src/memory/index-vectors.ts";
import type { Memory } from "../../src/memory/memory.ts";
import { openMemory } from "../../src/memory/open-memory.ts";
import { openVectorIndexes } from "../../src/memory/open-vector-indexes.ts";
import type { VectorIndexes } from "../../src/memory/vector-index.ts";
import { openFolder } from "../../src/sandbox/folder.ts";
import { type MemoryTables, openStore, type Store } from "../../src/store/store.ts";
import { benchEmbed } from "./embed.ts";
import { createTalk, layTalkInLog, type Talk, wordEmbedder } from "./made-up-talk.ts";
import { quantiles, type Row, rounded } from "./report.ts";
import { type Slices, watchSlices } from "./slices.ts";
import { benchVectors } from "./vectors.ts";

const agent = "bench";
const timezone = "Europe/Berlin";
/** Six messages, of which it shares half with the next. */
const messagesOfAChunk = 4.4;
/** Each chunk has one, and each message. */
const measuredVectors = 2_000;
const vectorsAtOnce = 4_000;
const searches = 200;
/** What the vectors alone are measured with, in exact search and in Chroma. */
const vectorsAlone = 10_000;

interface SpeedTables {
  search: Row[];
  indexing: Row[];
  start: Row[];
}

/** What is measured: one memory, and where its figures go. */
interface Measured {
  store: Store;
  directory: string;
  talk: Talk;
  chunks: number;
  tables: SpeedTables;
}

/**
 * Searching and indexing memories of about so many chunks each, the model's own time aside: vectors are made of words at
 * no cost. Beside it what Chroma and the bare network give alone, on the same machine at the same time.
 */
export async function benchSpeed(sizes: readonly number[], model?: string): Promise<Record<string, Row[]>> {
  const tables: SpeedTables = { search: [], indexing: [], start: [] };
  for (const size of sizes) {
    const directory = await mkdtemp(join(tmpdir(), "memtrix-bench-"));
    try {
      await measureSize(size, directory, tables);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
  console.error("vectors alone");
  const vectors = await benchVectors([vectorsAlone]);
  const measured: Record<string, Row[]> = { ...tables, "vectors alone": vectors };
  if (model !== undefined) measured.embedding = (await benchEmbed(resolve(model), 3)).embedding;
  return measured;
}

async function measureSize(size: number, directory: string, tables: SpeedTables): Promise<void> {
  const talk = createTalk(size);
  const messages = Math.round(size * messagesOfAChunk);
  using store = openStore(directory);
  console.error(`${messages} messages are laid into the log`);
  layTalkInLog(store, agent, talk, messages);
  await using indexes = await openVectorIndexes({ directory, log: silent });
  const own = store.memory(agent);

  console.error("they are indexed by keyword");
  const byWords = watchSlices();
  {
    await using memory = await open(store, directory, undefined);
    await memory.reindex(() => {});
  }
  const measured = { store, directory, talk, chunks: own.chunks.size(), tables };
  addIndexing("words", measured, messages, byWords.end());
  await measureSearches("keyword", measured, undefined);

  console.error("vectors are stored");
  const name = collectionName(agent, wordEmbedder);
  await storeVectors(own, indexes, name);
  const stored = own.vectors.countIn(name);
  const byMeaning = watchSlices();
  const indexing = createVectorIndexing({
    ...{ prefix: collectionPrefix(agent), vectors: own.vectors, embedder: wordEmbedder, indexes },
    ...{ timezone, now: () => new Date() },
  });
  await indexing.fill(name, new AbortController().signal);
  addIndexing("vectors", measured, own.vectors.countIn(name) - stored, byMeaning.end());
  await measureSearches("both", measured, indexes);
}

function addIndexing(what: string, { chunks, tables }: Measured, items: number, slices: Slices): void {
  tables.indexing.push({ what, chunks, items, "a second": Math.round((1_000 * items) / slices.ms), ...slices });
}

/** All but a few, in larger steps than those of an embedding model: how the rest is stored is measured. */
async function storeVectors({ vectors }: MemoryTables, indexes: VectorIndexes, name: string): Promise<void> {
  const index = await indexes.open(name, wordEmbedder.dimension ?? 0);
  const quietSince = Date.now();
  for (let left = vectors.countWaiting(name, quietSince) - measuredVectors; left > 0; left -= vectorsAtOnce) {
    const waiting = vectors.waiting(name, quietSince, Math.min(left, vectorsAtOnce));
    const embedded = await wordEmbedder.embedDocuments(waiting.map(({ lines }) => chunkText(lines, timezone)));
    await index.upsert(
      waiting.map(({ key, isPart }, at) => ({ id: key, vector: embedded[at] as Float32Array, isPart })),
    );
    vectors.mark(
      name,
      waiting.map(({ key }) => key),
    );
  }
}

async function measureSearches(by: string, measured: Measured, indexes: VectorIndexes | undefined): Promise<void> {
  console.error(`searches by ${by}`);
  const { store, directory, talk, chunks, tables } = measured;
  const began = performance.now();
  await using memory = await open(store, directory, indexes);
  memory.start();
  const startMs = rounded(performance.now() - began);
  await memory.ready(AbortSignal.timeout(60_000));
  const untilReadyMs = rounded(performance.now() - began);
  const ask = {
    search: (text: string) => memory.search({ text, limit: 8 }),
    recollect: (text: string) => memory.recollect({ text, turns: [talk.message(), talk.message()], tokens: 600 }),
  };
  const firstBegan = performance.now();
  await ask.search(talk.question());
  tables.start.push({ by, chunks, startMs, untilReadyMs, firstSearchMs: rounded(performance.now() - firstBegan) });

  for (const [what, search] of Object.entries(ask)) {
    for (let warm = 0; warm < 20; warm++) await search(talk.question());
    const [ms, cpuMs]: [number[], number[]] = [[], []];
    const slices = watchSlices();
    for (let index = 0; index < searches; index++) {
      const text = talk.question();
      const [began, cpu] = [performance.now(), process.threadCpuUsage()];
      await search(text);
      ms.push(performance.now() - began);
      const { user, system } = process.threadCpuUsage(cpu);
      cpuMs.push((user + system) / 1_000);
    }
    const { longestSliceMs, longestSliceCpuMs } = slices.end();
    tables.search.push({
      ...{ what, by, chunks, ms: quantiles(ms), cpuMs: quantiles(cpuMs), longestSliceMs, longestSliceCpuMs },
    });
  }
}

async function open(store: Store, directory: string, indexes: VectorIndexes | undefined): Promise<Memory> {
  const collection = {
    get: () => store.settings.get(agent, "memory_collection"),
    set: (name: string) => store.settings.set(agent, "memory_collection", name),
  };
  const workspace = join(directory, "workspace");
  await mkdir(workspace, { recursive: true });
  return openMemory({
    ...{ folder: await openFolder(workspace), directory: workspace, tables: store.memory(agent) },
    ...{ timezone, now: () => new Date(), log: silent },
    meaning: indexes && (async () => ({ agent, embedder: wordEmbedder, indexes, collection })),
  });
}
