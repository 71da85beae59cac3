import { createHash } from "node:crypto";
import { basename, isAbsolute, join, resolve } from "node:path";
import { ConfigError } from "../errors.ts";
import { type EmbeddingManner, knownModels, mannerOfFolder, plainManner } from "./embedding-manner.ts";
import { hashFiles, readRecord } from "./model-files.ts";

/** An embedding network, where its files are, and how texts are put to it. */
export interface EmbedderModel extends EmbeddingManner {
  /** As a person says it. */
  name: string;
  /** Where its files are, or are to be laid down. Absolute. */
  folder: string;
  /** The file that keeps the hashes of its files. */
  record: string;
  /** What it is fetched from; absent for a folder of the owner's own. */
  source?: { repository: string; revision: string };
  /** Tells the content of a folder of the owner's own, as a revision does for one that is fetched. */
  fingerprint?: string | undefined;
}

/**
 * The model that the setting means: a name (`owner/repository`, also `owner/repository@revision`), whose files lie or will
 * lie in a folder of `directory`; or the path of a folder that holds one, absolute or, beginning with a dot, from `home`.
 * @throws {ConfigError} for anything else.
 */
export async function findModel(setting: string, directory: string, home = process.cwd()): Promise<EmbedderModel> {
  if (isAbsolute(setting) || setting.startsWith(".")) return modelOfFolder(resolve(home, setting), resolve(directory));
  const named = /^(?<repository>[\w-][\w.-]*\/[\w-][\w.-]*)(?:@(?<revision>[\w-][\w.-]*))?$/.exec(setting)?.groups;
  if (!named?.repository)
    throw new ConfigError(
      `memory.model in config.json is "${setting}": write a model's name, such as nomic-ai/nomic-embed-text-v1.5, or the path of a folder that holds one.`,
    );
  const { repository } = named;
  const { revision = "main", ...manner } = knownModels[repository] ?? { ...plainManner, revision: "main" };
  const folder = join(resolve(directory), repository.replace("/", "--"));
  return {
    ...manner,
    name: repository,
    folder,
    record: `${folder}.json`,
    source: { repository, revision: named.revision ?? revision },
  };
}

async function modelOfFolder(folder: string, directory: string): Promise<EmbedderModel> {
  const name = basename(folder);
  const record = join(directory, `${name}-${digestOf(folder)}.json`);
  const model = { ...(await mannerOfFolder(folder)), name, folder, record };
  // The record decides which files may be used. Without one it is those that are there; of none there is nothing to tell.
  const hashes = (await readRecord(model).catch(() => undefined)) ?? (await hashFiles(model).catch(() => undefined));
  return { ...model, fingerprint: hashes && digestOf(JSON.stringify(hashes)) };
}

/** Names all that a vector depends on, in letters, digits, dots and dashes. */
export function identityOf(model: EmbedderModel): string {
  const { name, source, fingerprint, onnxFile, queryPrefix, documentPrefix, pooling, layerNorm, windowTokens } = model;
  const origin = [source?.repository, source?.revision, fingerprint, onnxFile];
  const manner = [queryPrefix, documentPrefix, pooling, layerNorm, windowTokens];
  return `${basename(name).replaceAll(/[^\w.-]/g, "-")}-${digestOf(JSON.stringify([...origin, ...manner]))}`;
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
