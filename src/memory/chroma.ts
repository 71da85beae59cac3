import { setTimeout as sleep } from "node:timers/promises";
import type { ChromaClient } from "chromadb";
import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import { connectChroma, damaged, isGone, reasonOfAbsence } from "./chroma-client.ts";
import { createChromaIndex } from "./chroma-index.ts";
import { VectorIndexAwayError, type VectorIndexes } from "./vector-index.ts";

export interface ChromaOptions {
  /** A name and password in it are sent along, and shown nowhere. */
  url: string;
  /** What it is called in sentences: "Chroma at 10.0.0.7:8000". */
  title: string;
  /** Whose collections they are, where other installations may have theirs there as well. */
  installation?: string;
  log: Logger;
  /** Begins it anew, empty, when its data are damaged. */
  mend?: () => Promise<void>;
}

const [firstLookMs, lastLookMs] = [250, 30_000];

/** Vectors in a Chroma server. While it is away nobody waits for it: it is looked for in the background. */
export function openChromaIndexes({ url, title, installation, log, mend }: ChromaOptions): VectorIndexes {
  const prefix = installation === undefined ? "memtrix." : `memtrix.${installation}.`;
  const connection = connectChroma(url);
  const listeners = new Set<() => void>();
  const closing = new AbortController();
  let absence: string | undefined;
  let looking: Promise<void> = Promise.resolve();

  function tellBack(): void {
    for (const listener of listeners) setImmediate(listener);
  }

  async function guarded<T>(work: (client: ChromaClient) => Promise<T>): Promise<T> {
    if (absence !== undefined) throw new VectorIndexAwayError(absence);
    try {
      return await work(await connection.client());
    } catch (error) {
      const reason = reasonOfAbsence(error);
      if (reason === undefined) throw error;
      const sentence = absenceOf(reason);
      if (absence === undefined && !closing.signal.aborted) {
        absence = sentence;
        log.warn("Chroma is away", { title, reason });
        looking = lookForIt().catch(() => {}); // Ends by the abort alone.
      }
      throw new VectorIndexAwayError(sentence, { cause: error });
    }
  }

  const absenceOf = (reason: string): string => `${title} ${reason}: search goes by keyword alone until it is back.`;

  async function lookForIt(): Promise<void> {
    let isMended = false;
    for (let waitMs = firstLookMs; ; waitMs = Math.min(waitMs * 2, lastLookMs)) {
      await sleep(waitMs, undefined, { signal: closing.signal });
      try {
        await probe(await connection.client());
        break;
      } catch (error) {
        const reason = reasonOfAbsence(error) ?? `fails (${messageOf(error)})`;
        absence = absenceOf(reason);
        if (reason !== damaged || !mend || isMended) continue;
        isMended = true;
        absence = absenceOf("had damaged data and is begun anew");
        await mend();
      }
    }
    absence = undefined;
    log.info("Chroma is back", { title });
    tellBack();
  }

  /** A server whose data are damaged still has a heartbeat: one of the collections is read as well. */
  async function probe(client: ChromaClient): Promise<void> {
    await client.heartbeat();
    const [name] = await namesOf(client);
    if (name === undefined) return;
    const collection = await client.getCollection({ name: prefix + name });
    await collection.get({ include: [], limit: 1 });
  }

  /** Others may have collections there as well. */
  async function namesOf(client: ChromaClient): Promise<string[]> {
    const names: string[] = [];
    for (let offset = 0; ; offset += 100) {
      const page = await client.listCollections({ limit: 100, offset });
      names.push(...page.map(({ name }) => name));
      if (page.length < 100) break;
    }
    return names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  }

  return {
    open: (name, dimension) =>
      guarded(async (client) => {
        const index = createChromaIndex({ client, name, title: prefix + name, dimension, onLost: tellBack });
        await index.count();
        return {
          name,
          upsert: (items) => guarded(() => index.upsert(items)),
          delete: (ids) => guarded(() => index.delete(ids)),
          query: (vector, limit, only) => guarded(() => index.query(vector, limit, only)),
          has: (ids) => guarded(() => index.has(ids)),
          ids: () => guarded(() => index.ids()),
          count: () => guarded(() => index.count()),
        };
      }),
    names: () => guarded(namesOf),
    drop: (name) =>
      guarded(async (client) => {
        await client.deleteCollection({ name: prefix + name }).catch((error) => {
          if (!isGone(error)) throw error;
        });
      }),
    state: () => ({
      kind: "chroma",
      away: absence !== undefined,
      text: absence ?? `Vectors are kept in ${title}.`,
    }),
    onBack(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      listeners.clear();
      await looking;
      await connection[Symbol.asyncDispose]();
    },
  };
}
