import { diskProblem, messageOf } from "../errors.ts";
import type { EmbedderModel } from "./embedding-models.ts";
import { type DownloadOptions, downloadFiles } from "./model-download.ts";
import {
  compareWithRecord,
  type FileHashes,
  fileNamesOf,
  hashFiles,
  ModelFilesError,
  missingFiles,
} from "./model-files.ts";

/** Fetches what is missing and looks at what is there: the hashes of all files, as they may be used. @throws {ModelFilesError} */
export async function layDownModel(
  model: EmbedderModel,
  options: Omit<DownloadOptions, "source" | "folder" | "names">,
): Promise<FileHashes> {
  const names = await missingFiles(model);
  if (names.length > 0) await fetchFiles(model, names, options);
  const hashes = await hashFiles(model, options.signal);
  await compareWithRecord(model, hashes);
  return hashes;
}

async function fetchFiles(
  model: EmbedderModel,
  names: string[],
  options: Omit<DownloadOptions, "source" | "folder" | "names">,
): Promise<void> {
  const { source, folder, name } = model;
  if (!source)
    throw new ModelFilesError(
      `${folder} holds no embedding model: ${listed(names)} ${names.length === 1 ? "is" : "are"} missing there.`,
    );
  try {
    await downloadFiles({ ...options, source, folder, names });
  } catch (cause) {
    options.signal.throwIfAborted();
    const disk = diskProblem(cause);
    if (disk) throw new ModelFilesError(`The embedding model ${name} could not be downloaded. ${disk}`, { cause });
    throw new ModelFilesError(
      `The embedding model ${name} could not be downloaded (${reasonOf(cause)}); to put it there by hand, lay ${listed(fileNamesOf(model))} of it into ${folder}.`,
      { cause },
    );
  }
}

/** `fetch failed` says nothing; what it was caused by does. */
function reasonOf(error: unknown): string {
  const { cause } = error as Error;
  return cause instanceof Error ? messageOf(cause) : messageOf(error);
}

function listed(names: readonly string[]): string {
  return new Intl.ListFormat("en").format(names);
}
