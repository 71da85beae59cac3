import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { silent } from "../../src/log.ts";
import type { Embedder } from "../../src/memory/embedder.ts";
import { openExactIndexes } from "../../src/memory/exact.ts";
import type { Memory } from "../../src/memory/memory.ts";
import { openMemory } from "../../src/memory/open-memory.ts";
import type { VectorIndexes } from "../../src/memory/vector-index.ts";
import { openFolder } from "../../src/sandbox/folder.ts";
import { openStore, type Store } from "../../src/store/store.ts";

/** The memory of one agent as the program opens it, on the folder `home`, with its workspace in it. */
export interface IndexedMemory extends AsyncDisposable {
  memory: Memory;
  store: Store;
  indexes: VectorIndexes;
  /** Resolves when all that was said and written by now has its words and its vectors in the index. */
  whole(): Promise<void>;
  collection(): string;
}

export interface IndexedMemoryOptions {
  home: string;
  /** Without one it goes by keyword alone. */
  embedder?: Embedder;
  indexes?: VectorIndexes;
  now?: () => Date;
}

export async function openIndexedMemory(options: IndexedMemoryOptions): Promise<IndexedMemory> {
  const { home, embedder, now = () => new Date() } = options;
  const workspace = join(home, "workspace");
  mkdirSync(workspace, { recursive: true });
  const store = openStore(home, now);
  const tables = store.memory("main");
  const indexes = options.indexes ?? openExactIndexes({ directory: home, why: "a test", log: silent });
  let rounds = Promise.withResolvers<void>();
  const collection = {
    get: () => store.settings.get("main", "memory_collection"),
    set(name: string) {
      store.settings.set("main", "memory_collection", name);
      rounds.resolve();
      rounds = Promise.withResolvers();
    },
  };
  const memory = openMemory({
    ...{ folder: await openFolder(workspace), directory: workspace, tables, timezone: "UTC", now, log: silent },
    meaning: embedder && (async () => ({ agent: "main", embedder, indexes, collection })),
  });
  return {
    ...{ memory, store, indexes },
    collection: () => collection.get() ?? "",
    async whole() {
      for (;;) {
        const round = rounds.promise;
        await memory.status();
        memory.start();
        await round;
        const name = collection.get() ?? "";
        if (tables.said.waiting() === 0 && tables.vectors.countWaiting(name, now().getTime()) === 0) return;
      }
    },
    async [Symbol.asyncDispose]() {
      await memory[Symbol.asyncDispose]();
      await indexes[Symbol.asyncDispose]();
      store[Symbol.dispose]();
    },
  };
}

/** Lays messages into the log, a minute each, as said long ago. */
export function sayLongAgo(store: Store, texts: readonly string[]): void {
  const session = store.sessions.begin("main", "here").id;
  const fixed = { session, run: undefined, role: "user", sender: "Ada", origin: "owner" } as const;
  const first = Date.parse("2026-01-10T10:00:00Z");
  store.log.append(texts.map((text, index) => ({ ...fixed, at: new Date(first + index * 60_000), text })));
}
