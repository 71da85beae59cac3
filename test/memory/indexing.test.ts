import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { silent } from "../../src/log.ts";
import type { Embedder } from "../../src/memory/embedder.ts";
import { openExactIndexes } from "../../src/memory/exact.ts";
import type { Memory } from "../../src/memory/memory.ts";
import { openMemory } from "../../src/memory/open-memory.ts";
import type { VectorIndexes } from "../../src/memory/vector-index.ts";
import { openFolder } from "../../src/sandbox/folder.ts";
import type { Store } from "../../src/store/store.ts";
import { type Clock, clockAt, temporaryFolder, temporaryStore } from "../support/temporary.ts";

let clock: Clock;
let store: Store;
let directory: string;
let indexes: VectorIndexes;
let embedded: string[];
beforeEach(async () => {
  clock = clockAt("2026-11-20T10:00:00Z");
  store = temporaryStore(clock.now);
  directory = temporaryFolder();
  indexes = await openExactIndexes({ directory: temporaryFolder(), why: "a test", log: silent });
  embedded = [];
});

/** Not a network: the same words give the same vector, which is all that indexing needs. */
const embedder: Embedder = {
  identity: "words-1",
  dimension: 32,
  start() {},
  async ready() {},
  embedQuery: async (text) => vectorOf(text),
  async embedDocuments(texts) {
    embedded.push(...texts);
    return texts.map(vectorOf);
  },
  state: () => ({ kind: "ready", text: "" }),
  onState: () => () => {},
  async [Symbol.asyncDispose]() {},
};

function vectorOf(text: string): Float32Array {
  const vector = new Float32Array(32);
  for (const word of text.toLowerCase().match(/\w+/g) ?? [])
    vector[(createHash("md5").update(word).digest()[0] ?? 0) % 32] = 1;
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}

async function open(): Promise<Memory> {
  const collection = {
    get: () => store.settings.get("main", "memory_collection"),
    set: (name: string) => store.settings.set("main", "memory_collection", name),
  };
  return openMemory({
    ...{ folder: await openFolder(directory), directory, tables: store.memory("main"), timezone: "UTC" },
    ...{ now: clock.now, log: silent, meaning: async () => ({ agent: "main", embedder, indexes, collection }) },
  });
}
function say(...texts: string[]): void {
  const session = store.sessions.current("main", "here").id;
  const fixed = { session, run: undefined, role: "user", sender: "Ada", origin: "owner" } as const;
  store.log.append(texts.map((text) => ({ ...fixed, at: clock.now(), text })));
}
/** Indexes what is there, and closes. */
async function index(): Promise<void> {
  await using memory = await open();
  await memory.reindex(() => {});
}
const keys = async () => {
  const name = store.settings.get("main", "memory_collection") ?? "";
  return [...(await (await indexes.open(name, 32)).ids())].sort();
};

describe("the index of a memory", () => {
  it("is the same whether it was made at once or message by message", async () => {
    const texts = Array.from(
      { length: 40 },
      (_, index) => `message number ${index} says something about boat ${index}`,
    );
    const lines = () => {
      const chunks = store.memory("main").chunks.newest(1_000, { from: 0, to: Number.MAX_SAFE_INTEGER });
      return chunks.map(({ lines }) => lines.map(({ text }) => text)).sort();
    };
    {
      await using memory = await open();
      for (const text of texts) {
        say(text);
        await memory.search({ text: "boat", limit: 1 });
      }
    }
    const piecemeal = lines();
    await index();
    expect(lines()).toEqual(piecemeal);
  });

  it("embeds nothing twice, over restarts and as a conversation grows", async () => {
    say("the boat is blue and lies at the pier", "the car is red and stands in the yard");
    clock.advance(3_600_000);
    await index();
    embedded = [];
    {
      await using memory = await open();
      await memory.search({ text: "boat", limit: 1 });
    }
    expect(embedded).toEqual([]);
  });

  it("builds anew beside the old, and leaves one collection", async () => {
    say("the boat is blue and lies at the pier", "the car is red and stands in the yard");
    clock.advance(3_600_000);
    await index();
    const before = await keys();
    await index();
    expect(await keys()).toEqual(before);
    expect(await indexes.names()).toHaveLength(1);
  });

  it("loses the vectors of what was taken out of a journal", async () => {
    await using memory = await open();
    await memory.journal.append({ day: "2026-11-20", section: "Notes", text: "The boat is blue.", origin: "agent" });
    await memory.reindex(() => {});
    expect((await keys()).length).toBeGreaterThan(0);
    await (await openFolder(directory)).remove("memory/2026-11-20.md");
    await memory.reindex(() => {});
    expect(await keys()).toEqual([]);
  });
});
