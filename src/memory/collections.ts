import { createHash } from "node:crypto";
import { chunkingVersion } from "./chunk.ts";
import type { Embedder } from "./embedder.ts";
import type { VectorIndexes } from "./vector-index.ts";

/** What the names of one agent's collections begin with. The length stands in it: no agent's name begins with another's and a dash. */
export function collectionPrefix(agent: string): string {
  return `${agent}-${agent.length}-`;
}

/** The first collection of an agent with this model; those that are made anew beside it have a number behind this name. */
export function collectionName(agent: string, { identity }: Pick<Embedder, "identity">): string {
  const hash = createHash("sha256").update(`${identity} ${chunkingVersion}`).digest("hex").slice(0, 16);
  return `${collectionPrefix(agent)}${hash}`;
}

/** Removes all vectors of an agent's memory. @throws VectorIndexAwayError while they cannot be reached. */
export async function dropCollections(indexes: Pick<VectorIndexes, "names" | "drop">, agent: string): Promise<void> {
  const names = await indexes.names();
  for (const name of names.filter((one) => one.startsWith(collectionPrefix(agent)))) await indexes.drop(name);
}
