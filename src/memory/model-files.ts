import { createHash } from "node:crypto";
import { mkdir, open, readFile, rename, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { EmbedderModel } from "./embedding-models.ts";

/** What is wrong with a model's files, and what to do about it. */
export class ModelFilesError extends Error {
  override name = "ModelFilesError";
}

/** SHA-256 by file name, relative to the model's folder. */
export type FileHashes = Record<string, string>;

/** The files that a model is made of, relative to its folder; the large one last. */
export function fileNamesOf({ onnxFile }: EmbedderModel): string[] {
  return ["config.json", "tokenizer_config.json", "tokenizer.json", onnxFile];
}

/** Those of the model's files that are not there. An empty file is not there. */
export async function missingFiles(model: EmbedderModel): Promise<string[]> {
  const sizes = await Promise.all(
    fileNamesOf(model).map(async (name) => {
      const found = await stat(join(model.folder, name)).catch(() => undefined);
      return { name, bytes: found?.isFile() ? found.size : 0 };
    }),
  );
  return sizes.filter(({ bytes }) => bytes === 0).map(({ name }) => name);
}

/** Reads all of them: 140 MB take about a fifth of a second. */
export async function hashFiles(model: EmbedderModel, signal?: AbortSignal): Promise<FileHashes> {
  const hashes: FileHashes = {};
  for (const name of fileNamesOf(model)) hashes[name] = await hashFile(join(model.folder, name), signal);
  return hashes;
}

export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  // One buffer for all of it: a stream's would be garbage as large as the file.
  const buffer = Buffer.allocUnsafe(1 << 18);
  const file = await open(path, "r");
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return hash.digest("hex");
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/** @throws {ModelFilesError} when a file is not the one that was recorded. Without a record nothing is known against them. */
export async function compareWithRecord(model: EmbedderModel, hashes: FileHashes): Promise<void> {
  const recorded = await readRecord(model);
  if (!recorded) return;
  const changed = Object.keys(hashes).filter((name) => recorded[name] !== hashes[name]);
  if (changed.length === 0) return;
  const back = model.source ? "delete it to have it downloaded again" : "put the right one back";
  throw new ModelFilesError(
    `${changed.join(" and ")} in ${model.folder} is not what it was when the model was first used, so it was damaged or replaced: ${back}, or run scripts/pin to use it as it is.`,
  );
}

const record = z.object({ revision: z.string().optional(), files: z.record(z.string(), z.string()) });

/** The recorded hashes; undefined when there are none, or of another revision of the model. */
export async function readRecord({ record: path, source }: EmbedderModel): Promise<FileHashes | undefined> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    const { revision, files } = record.parse(JSON.parse(text));
    return revision === source?.revision ? files : undefined;
  } catch (cause) {
    throw new ModelFilesError(
      `${path}, the record of the model's files, cannot be read: run scripts/pin to make it anew from the files as they are.`,
      { cause },
    );
  }
}

export async function writeRecord({ record: path, name, source }: EmbedderModel, files: FileHashes): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(`${path}.new`, "w", 0o600);
  try {
    await file.writeFile(`${JSON.stringify({ name, revision: source?.revision, files }, undefined, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}
