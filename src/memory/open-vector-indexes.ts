import { join } from "node:path";
import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { ChromaCommand } from "./chroma-process.ts";
import { openExactIndexes } from "./exact.ts";
import type { VectorIndexes } from "./vector-index.ts";

export interface VectorIndexesOptions {
  /** data/ */
  directory: string;
  /** The address of a Chroma server, when the owner has named one. */
  chromaUrl?: string | undefined;
  log: Logger;
  /** What runs Chroma's server in place of the npm package's own. */
  command?: ChromaCommand;
}

/**
 * Chroma at the owner's address; else a Chroma server of our own where it runs; else exact search. It may take a second, for
 * a server to start.
 * @throws ConfigError when the address is none that can be used.
 */
export async function openVectorIndexes(options: VectorIndexesOptions): Promise<VectorIndexes> {
  const { directory, chromaUrl, log } = options;
  if (chromaUrl !== undefined) {
    const { openChromaIndexes } = await import("./chroma.ts");
    return openChromaIndexes({ url: chromaUrl, title: `Chroma at ${new URL(chromaUrl).host}`, log });
  }
  try {
    return await openOwnChroma(options);
  } catch (error) {
    const why = messageOf(error);
    log.info("Chroma does not run here: exact search in its place", { why });
    return openExactIndexes({ directory, why: `Chroma does not run on this machine, ${why}`, log });
  }
}

async function openOwnChroma({ directory, log, command }: VectorIndexesOptions): Promise<VectorIndexes> {
  const [{ startChroma }, { openChromaIndexes }] = await Promise.all([
    import("./chroma-process.ts"),
    import("./chroma.ts"),
  ]);
  const folder = join(directory, "chroma");
  const server = await startChroma({ directory: folder, log, ...(command ? { command } : {}) });
  const { url, beginAnew } = server;
  const indexes = openChromaIndexes({ url, title: "Chroma in the folder data/chroma", log, mend: beginAnew });
  return {
    ...indexes,
    async [Symbol.asyncDispose]() {
      await indexes[Symbol.asyncDispose]();
      await server.stop();
    },
  };
}
