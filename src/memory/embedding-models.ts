import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, isAbsolute, join, resolve } from "node:path";
import { z } from "zod";
import { ConfigError } from "../errors.ts";

/** An embedding network, where its files come from, and how texts are put to it. */
export interface EmbedderModel {
  /** As a person says it. */
  name: string;
  /** Where its files are, or are to be laid down. Absolute. */
  folder: string;
  /** What it is fetched from; absent for a folder of the owner's own. */
  source?: { repository: string; revision: string };
  /** The network, inside the folder. */
  onnxFile: string;
  /** Numbers a vector has; undefined while only the hub knows. */
  dimension?: number | undefined;
  queryPrefix: string;
  documentPrefix: string;
  pooling: "mean" | "cls";
  /** The vector is normalised over its own numbers before it is brought to unit length. */
  layerNorm: boolean;
  /** Longer texts are cut to this many tokens before they go in. */
  windowTokens: number;
}

type Manner = Omit<EmbedderModel, "name" | "folder" | "source">;

// A text longer than this costs more time and memory than a search gains, whatever the model's own window may be.
const longestText = 512;

const plain: Manner = {
  onnxFile: "onnx/model_quantized.onnx",
  queryPrefix: "",
  documentPrefix: "",
  pooling: "mean",
  layerNorm: false,
  windowTokens: longestText,
};
const nomic: Manner = {
  ...plain,
  dimension: 768,
  queryPrefix: "search_query: ",
  documentPrefix: "search_document: ",
  layerNorm: true,
};

/** Models whose manner is known, by repository. A revision is a commit: what lies under it never changes. */
const knownModels: Record<string, Manner & { revision: string }> = {
  "nomic-ai/nomic-embed-text-v1.5": { ...nomic, revision: "e5cf08aadaa33385f5990def41f7a23405aec398" },
  "Xenova/all-MiniLM-L6-v2": { ...plain, dimension: 384, revision: "751bff37182d3f1213fa05d7196b954e230abad9" },
};

/**
 * The model that the setting means: a name (`owner/repository`, also `owner/repository@revision`), whose files lie or will
 * lie in a folder of `directory`, or the path of a folder, absolute or beginning with a dot.
 * @throws {ConfigError} for anything else.
 */
export async function findModel(setting: string, directory: string): Promise<EmbedderModel> {
  if (isAbsolute(setting) || setting.startsWith(".")) return modelOfFolder(resolve(setting));
  const { repository, revision } =
    /^(?<repository>[\w.-]+\/[\w.-]+)(?:@(?<revision>[\w.-]+))?$/.exec(setting)?.groups ?? {};
  if (!repository)
    throw new ConfigError(
      `memory.model in config.json is "${setting}": write a model's name, such as nomic-ai/nomic-embed-text-v1.5, or the path of a folder that holds one.`,
    );
  const { revision: pinned, ...manner } = knownModels[repository] ?? { ...plain, revision: "main" };
  return {
    ...manner,
    name: repository,
    folder: join(resolve(directory), repository.replace("/", "--")),
    source: { repository, revision: revision ?? pinned },
  };
}

const config = z.object({
  model_type: z.string().optional(),
  hidden_size: z.number().optional(),
  n_embd: z.number().optional(),
  max_position_embeddings: z.number().optional(),
});

async function modelOfFolder(folder: string): Promise<EmbedderModel> {
  const {
    model_type,
    hidden_size,
    n_embd,
    max_position_embeddings = longestText,
  } = await readJson(join(folder, "config.json"), config);
  const manner = model_type === "nomic_bert" ? nomic : plain;
  return {
    ...manner,
    name: basename(folder),
    folder,
    dimension: hidden_size ?? n_embd,
    windowTokens: Math.min(longestText, max_position_embeddings),
  };
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<Partial<T>> {
  const text = await readFile(path, "utf8").catch(() => "{}");
  return schema.parse(JSON.parse(text)) as Partial<T>;
}

/** Names all that a vector depends on. Letters, digits, dots and dashes. */
export function identityOf({ name, folder, ...rest }: EmbedderModel): string {
  const digest = createHash("sha256").update(JSON.stringify(rest)).digest("hex").slice(0, 12);
  return `${basename(name).replaceAll(/[^\w.-]/g, "-")}-${digest}`;
}
