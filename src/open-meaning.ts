import { dirname, join } from "node:path";
import type { Logger } from "./log.ts";
import type { Embedder } from "./memory/embedder.ts";
import type { VectorIndexes } from "./memory/vector-index.ts";

/** What all agents share to search their memories by meaning. */
export interface MeaningSource extends AsyncDisposable {
  /** Loaded and opened at the first call, in the background of everything else. */
  open(): Promise<{ embedder: Embedder; indexes: VectorIndexes }>;
}

export interface MeaningSourceOptions {
  settings: { model: string; chromaUrl: string | undefined };
  /** Tells this installation from others that use the same Chroma. */
  installation(): string;
  /** data/, in the folder that a relative path of a model begins at. */
  directory: string;
  log: Logger;
}

export function createMeaningSource({ settings, installation, directory, log }: MeaningSourceOptions): MeaningSource {
  const opened = new AsyncDisposableStack();
  let opening: ReturnType<MeaningSource["open"]> | undefined;

  async function open(): ReturnType<MeaningSource["open"]> {
    // Loaded here: no start waits for it.
    const [{ createEmbedder }, { findModel }, { openVectorIndexes }] = await Promise.all([
      import("./memory/embedder.ts"),
      import("./memory/embedding-models.ts"),
      import("./memory/open-vector-indexes.ts"),
    ]);
    const { chromaUrl: url } = settings;
    const model = await findModel(settings.model, join(directory, "models"), dirname(directory));
    const chroma = url === undefined ? undefined : { url, installation: installation() };
    const indexes = opened.use(await openVectorIndexes({ directory, chroma, log }));
    return { embedder: opened.use(createEmbedder({ model, log })), indexes };
  }

  return {
    open() {
      opening ??= open().catch((error) => {
        opening = undefined; // It may go well the next time.
        throw error;
      });
      return opening;
    },
    async [Symbol.asyncDispose]() {
      await opening?.catch(() => {});
      await opened.disposeAsync();
    },
  };
}
