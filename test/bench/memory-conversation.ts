import { mkdir } from "node:fs/promises";
import { silent } from "../../src/log.ts";
import { toldWithin } from "../../src/memory/dates.ts";
import type { Embedder } from "../../src/memory/embedder.ts";
import { createGather, type SearchByMeaning } from "../../src/memory/gather.ts";
import { createMeaning } from "../../src/memory/meaning.ts";
import { describeRecollection } from "../../src/memory/memory.ts";
import { openMemory } from "../../src/memory/open-memory.ts";
import { openVectorIndexes } from "../../src/memory/open-vector-indexes.ts";
import { createSearch } from "../../src/memory/search.ts";
import { openFolder } from "../../src/sandbox/folder.ts";
import { createTerms, type Terms } from "../../src/store/full-text.ts";
import { openStore } from "../../src/store/store.ts";
import { agent, type Conversation, layInLog, momentOf, questionsOf } from "./conversations.ts";
import { type Asked, type Tried, tryWeights } from "./leave-one-out.ts";
import { shareOf } from "./recall.ts";

/** Recall is measured within so many tokens of results, and at so many results. */
export const budgets = [1_000, 2_000, 4_000] as const;
export const ranks = [1, 5, 10, 20] as const;

export type Side = "keyword" | "vectors" | "both";

export interface Measured {
  id: string;
  /** Texts that got a vector, or chunks when there is no model. */
  texts: number;
  indexMs: number;
  answers: Answer[];
  /** What other weights would find, where that was asked for. */
  tried?: Tried | undefined;
}

export interface Answer {
  side: Side;
  category: number;
  /** Shares of the evidence, in the order of `budgets` and of `ranks`. */
  within: number[];
  at: number[];
  charactersAt10: number;
  ms: number;
}

const noLimit = 1_000;
/** As search_memory asks. */
const toolTokens = 2_000;
const dayMs = 86_400_000;
const halfLifeDays = 60;

/** Lays one conversation into a log of its own, indexes it, and asks its questions by each way of searching. */
export async function measureConversation(
  conversation: Conversation,
  directory: string,
  { embedder, triesWeights }: { embedder: Embedder | undefined; triesWeights: boolean },
): Promise<Measured> {
  await mkdir(directory);
  using store = openStore(directory);
  await using indexes = await openVectorIndexes({ directory, log: silent });
  const entries = layInLog(store, conversation);
  const tables = store.memory(agent);
  // It is asked on the day after the last one.
  const last = conversation.sessions.at(-1)?.date ?? "";
  const now = () => new Date(momentOf(last) + dayMs);
  const fixed = { timezone: "UTC", now, log: silent };
  let name: string | undefined;
  const collection = {
    get: () => name,
    set: (next: string) => {
      name = next;
    },
  };
  const parts = embedder && { agent, embedder, indexes, collection };

  let texts = 0;
  const began = performance.now();
  await using memory = openMemory({
    ...{ ...fixed, folder: await openFolder(directory), directory, tables },
    meaning: parts && (async () => parts),
  });
  await memory.reindex(({ all }) => {
    texts = all;
  });
  const indexMs = performance.now() - began;

  const terms = createTerms();
  await using meaning = parts && createMeaning({ ...parts, ...fixed, vectors: tables.vectors });
  const searchBy = (terms: Terms, meaning: SearchByMeaning) =>
    createSearch({ ...fixed, chunks: tables.chunks, terms, meaning, halfLifeDays });
  const ways = {
    keyword: searchBy(terms, async () => undefined),
    ...(meaning
      ? { vectors: searchBy({ ...terms, ofQuery: () => [] }, meaning.search), both: searchBy(terms, meaning.search) }
      : {}),
  };

  const answers: Answer[] = [];
  for (const [side, search] of Object.entries(ways)) {
    for (const { question, category, evidence } of questionsOf(conversation, entries)) {
      const within: number[] = [];
      const began = performance.now();
      for (const tokens of budgets)
        within.push(shareOf(evidence, await search.find({ text: question, limit: noLimit, tokens })));
      const ms = (performance.now() - began) / budgets.length;
      const ranked = await search.find({ text: question, limit: Math.max(...ranks), tokens: toolTokens });
      answers.push({
        ...{ side: side as Side, category, within, ms },
        at: ranks.map((rank) => shareOf(evidence, ranked.slice(0, rank))),
        charactersAt10: ranked.slice(0, 10).map(describeRecollection).join("\n\n").length,
      });
    }
  }
  if (!triesWeights || !meaning) return { id: conversation.id, texts, indexMs, answers };

  const byKeyword = createGather(tables.chunks, terms, async () => undefined);
  const byBoth = createGather(tables.chunks, terms, meaning.search);
  const asked: Asked[] = [];
  for (const { question, evidence } of questionsOf(conversation, entries)) {
    const told = toldWithin(question, now(), fixed.timezone);
    const query = { text: question, told, allows: () => true };
    const gathered = { keyword: await byKeyword(query), both: await byBoth(query) };
    asked.push({ evidence, gathered, favoured: { told, recent: told ? undefined : { now: now(), halfLifeDays } } });
  }
  return { id: conversation.id, texts, indexMs, answers, tried: tryWeights(asked, budgets, fixed.timezone) };
}
