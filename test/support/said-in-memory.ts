import { createLogIndexing } from "../../src/memory/index-log.ts";
import type { Store } from "../../src/store/store.ts";

/** All that the main agent's memory holds of the log now and that has `words` in it. */
export function saidInMemory(store: Store, words: string): string[] {
  const tables = store.memory("main");
  const indexing = createLogIndexing({ ...tables, timezone: "UTC" });
  while (indexing.step());
  const { from, to } = { from: 0, to: Number.MAX_SAFE_INTEGER };
  const texts = tables.chunks.newest(1_000, { from, to }).flatMap(({ lines }) => lines.map(({ text }) => text));
  return [...new Set(texts)].filter((text) => text.includes(words));
}
