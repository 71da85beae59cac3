import { join } from "node:path";
import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { ChromaCommand } from "./chroma-process.ts";
import { openExactIndexes } from "./exact.ts";
import { keepPartsApart } from "./parts-apart.ts";
import type { VectorIndexes } from "./vector-index.ts";

export interface VectorIndexesOptions {
  /** data/ */
  directory: string;
  /** A Chroma server that the owner has named; others may use it as well, each installation by its own name. */
  chroma?: { url: string; installation: string } | undefined;
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
  const { directory, chroma, log } = options;
  if (chroma) {
    const { openChromaIndexes } = await import("./chroma.ts");
    const title = `Chroma at ${new URL(chroma.url).host}`;
    return withParts(openChromaIndexes({ ...chroma, title, log }), options);
  }
  try {
    return withParts(await openOwnChroma(options), options);
  } catch (error) {
    const why = messageOf(error);
    log.info("Chroma does not run here: exact search in its place", { why });
    return openExactIndexes({ directory, why: `Chroma does not run on this machine, ${why}`, log });
  }
}

/** The vectors of lines stay in SQLite: nobody searches through them, and few are read at a time. */
function withParts(chroma: VectorIndexes, { directory, log }: VectorIndexesOptions): VectorIndexes {
  return keepPartsApart(chroma, openExactIndexes({ directory, why: "those of lines", log }));
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
