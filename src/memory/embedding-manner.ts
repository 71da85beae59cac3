import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** How texts are put to an embedding network, and how its output becomes a vector. */
export interface EmbeddingManner {
  /** The network, inside the model's folder. */
  onnxFile: string;
  /** Numbers a vector has; undefined while only the hub knows. */
  dimension?: number | undefined;
  queryPrefix: string;
  documentPrefix: string;
  /** The mean of all tokens, or the first one. */
  pooling: "mean" | "cls";
  /** The vector is normalised over its own numbers before it is brought to unit length. */
  layerNorm: boolean;
  /** Longer texts are cut to this many tokens before they go in. */
  windowTokens: number;
}

// A longer text costs more time and memory than a search gains by it, whatever the model's own window may be.
const longestText = 512;

export const plainManner: EmbeddingManner = {
  onnxFile: "onnx/model_quantized.onnx",
  queryPrefix: "",
  documentPrefix: "",
  pooling: "mean",
  layerNorm: false,
  windowTokens: longestText,
};
const nomic: EmbeddingManner = {
  ...plainManner,
  dimension: 768,
  queryPrefix: "search_query: ",
  documentPrefix: "search_document: ",
  layerNorm: true,
};
const e5: EmbeddingManner = { ...plainManner, queryPrefix: "query: ", documentPrefix: "passage: " };

/** Models whose manner is known, by repository. A revision is a commit: what lies under it never changes. */
export const knownModels: Record<string, EmbeddingManner & { revision?: string }> = {
  "nomic-ai/nomic-embed-text-v1.5": { ...nomic, revision: "e5cf08aadaa33385f5990def41f7a23405aec398" },
  "Xenova/all-MiniLM-L6-v2": { ...plainManner, dimension: 384, revision: "751bff37182d3f1213fa05d7196b954e230abad9" },
  "Xenova/multilingual-e5-small": { ...e5, dimension: 384 },
  "Xenova/multilingual-e5-base": { ...e5, dimension: 768 },
};

const config = z
  .object({
    model_type: z.string(),
    hidden_size: z.int(),
    n_embd: z.int(),
    max_position_embeddings: z.int().positive(),
  })
  .partial();
// How models of sentence-transformers say it.
const poolingConfig = z.object({ pooling_mode_cls_token: z.boolean() }).partial();
const prompts = z.object({ prompts: z.record(z.string(), z.string()) }).partial();

/** What the files of a folder tell of it; what they do not tell is as most models have it. Works for a folder that is not there. */
export async function mannerOfFolder(folder: string): Promise<EmbeddingManner> {
  const [network, pooling, said, onnxFile] = await Promise.all([
    readJson(join(folder, "config.json"), config),
    readJson(join(folder, "1_Pooling/config.json"), poolingConfig),
    readJson(join(folder, "config_sentence_transformers.json"), prompts),
    findNetwork(folder),
  ]);
  const base = network.model_type === "nomic_bert" ? nomic : plainManner;
  const { query, document, passage } = said.prompts ?? {};
  return {
    ...base,
    onnxFile,
    dimension: network.hidden_size ?? network.n_embd,
    queryPrefix: query ?? base.queryPrefix,
    documentPrefix: document ?? passage ?? base.documentPrefix,
    pooling: pooling.pooling_mode_cls_token ? "cls" : base.pooling,
    windowTokens: Math.min(longestText, network.max_position_embeddings ?? longestText),
  };
}

/** The quantised one where there are several. */
async function findNetwork(folder: string): Promise<string> {
  for (const name of [plainManner.onnxFile, "onnx/model.onnx", "model_quantized.onnx", "model.onnx"]) {
    const isThere = await access(join(folder, name)).then(
      () => true,
      () => false,
    );
    if (isThere) return name;
  }
  return plainManner.onnxFile;
}

/** An absent file tells nothing, and one that cannot be read is told of when the model is loaded. */
async function readJson<T>(path: string, schema: z.ZodType<Partial<T>>): Promise<Partial<T>> {
  try {
    return schema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return {};
  }
}
