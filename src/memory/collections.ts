import type { VectorIndexes } from "./vector-index.ts";

/** What the names of one agent's collections begin with. The length stands in it: no agent's name begins with another's and a dash. */
export function collectionPrefix(agent: string): string {
  return `${agent}-${agent.length}-`;
}

/** Removes all vectors of an agent's memory. @throws VectorIndexAwayError while they cannot be reached. */
export async function dropCollections(indexes: Pick<VectorIndexes, "names" | "drop">, agent: string): Promise<void> {
  const names = await indexes.names();
  for (const name of names.filter((one) => one.startsWith(collectionPrefix(agent)))) await indexes.drop(name);
}
