import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { EmbedderModel } from "./embedding-models.ts";
import { hashFile } from "./model-files.ts";
import { createSilenceWatch, type SilenceWatch } from "./silence-watch.ts";

export interface DownloadProgress {
  doneBytes: number;
  /** Undefined until the length of every file is known. */
  totalBytes?: number | undefined;
}

export interface DownloadOptions {
  source: NonNullable<EmbedderModel["source"]>;
  folder: string;
  /** The files to fetch, relative to the folder; the large one last. */
  names: readonly string[];
  /** Where models are kept, such as https://huggingface.co. */
  hub: string;
  fetch: typeof globalThis.fetch;
  /** For how long nothing may come. */
  stallMs: number;
  signal: AbortSignal;
  onProgress(progress: DownloadProgress): void;
}

/**
 * Lays the files into the folder, each under its name only once it is whole and on disk. What came of a file before the
 * connection was cut is kept, and the next call goes on from there. @throws with the reason in a few words.
 */
export async function downloadFiles({ names, onProgress, ...options }: DownloadOptions): Promise<void> {
  let before = 0;
  for (const name of names) {
    const isLast = name === names.at(-1);
    before += await downloadFile(name, options, (done, total) => {
      onProgress({ doneBytes: before + done, totalBytes: isLast && total !== undefined ? before + total : undefined });
    });
  }
}

type FileOptions = Omit<DownloadOptions, "names" | "onProgress">;
type OnBytes = (done: number, total: number | undefined) => void;

/** Gives the length of the file. */
async function downloadFile(name: string, options: FileOptions, onBytes: OnBytes): Promise<number> {
  const target = join(options.folder, name);
  const part = `${target}.part`;
  await mkdir(dirname(target), { recursive: true });
  // Under a commit nothing ever changes; under a branch two halves might be of two files.
  const isFixed = /^[0-9a-f]{40}$/.test(options.source.revision);
  if (!isFixed) await rm(part, { force: true });

  using watch = createSilenceWatch(options.stallMs, options.signal);
  const answer = await request(name, await sizeOf(part), options, watch);
  await receive(part, answer, watch, onBytes);

  const { total, sha256 } = answer;
  const bytes = await sizeOf(part);
  if (total !== undefined && bytes < total) throw new Error(`${name} broke off after ${bytes} of ${total} bytes`);
  const isWrong = bytes !== (total ?? bytes) || (sha256 && sha256 !== (await hashFile(part, options.signal)));
  if (isWrong) {
    await rm(part, { force: true });
    throw new Error(`${name} came damaged`);
  }
  await rename(part, target);
  await syncFolder(dirname(target));
  return bytes;
}

interface Answer {
  /** Undefined when nothing is left to come. */
  body: ReadableStream<Uint8Array> | undefined;
  /** Where in the file the body begins. */
  from: number;
  /** Bytes of the whole file, when the server says so. */
  total: number | undefined;
  /** What the whole file has, when the hub says so. */
  sha256: string | undefined;
}

const mostRedirects = 5;

async function request(name: string, from: number, options: FileOptions, watch: SilenceWatch): Promise<Answer> {
  const { source, hub, fetch } = options;
  let url = new URL(`${hub.replace(/\/$/, "")}/${source.repository}/resolve/${source.revision}/${name}`);
  const isEncrypted = url.protocol === "https:";
  // A compressed answer would tell the length of what is sent, not of the file.
  const headers = { "accept-encoding": "identity", ...(from > 0 ? { range: `bytes=${from}-` } : {}) };
  let sha256: string | undefined;

  for (let hop = 0; hop <= mostRedirects; hop++) {
    const response = await fetch(url, { headers, redirect: "manual", signal: watch.signal });
    watch.heard();
    // The large files lie elsewhere, and only the hub itself tells their hash.
    sha256 ??= /^"?([0-9a-f]{64})"?$/.exec(response.headers.get("x-linked-etag") ?? "")?.[1];
    const location = response.headers.get("location");
    const isRedirect = response.status >= 300 && response.status < 400 && location !== null;
    if (!isRedirect) return { ...answerOf(response, url, from), sha256 };
    await response.body?.cancel();
    url = new URL(location, url);
    if (isEncrypted && url.protocol !== "https:") throw new Error(`${url.host} would send it without encryption`);
  }
  throw new Error(`${url.host} redirects without end`);
}

function answerOf({ status, headers, body }: Response, { host }: URL, from: number): Omit<Answer, "sha256"> {
  const { start, total } =
    /^bytes (?:(?<start>\d+)-\d+|\*)\/(?<total>\d+)$/.exec(headers.get("content-range") ?? "")?.groups ?? {};
  const whole = total === undefined ? undefined : Number(total);
  if (status === 416 && whole === from) return { body: undefined, from, total: whole };
  if (status === 416) return { body: undefined, from: 0, total: whole ?? Number.POSITIVE_INFINITY };
  if (status !== 200 && status !== 206) throw new Error(`${host} answered ${status}`);
  if (headers.get("content-type")?.includes("text/html")) throw new Error(`${host} answered with a web page`);
  if (status === 206) return { body: body ?? undefined, from: Number(start ?? from), total: whole };
  const length = headers.get("content-length");
  return { body: body ?? undefined, from: 0, total: length === null ? undefined : Number(length) };
}

async function receive(
  part: string,
  { body, from, total }: Answer,
  watch: SilenceWatch,
  onBytes: OnBytes,
): Promise<void> {
  const file = await open(part, "a", 0o600);
  try {
    let at = from;
    await file.truncate(at);
    for await (const piece of body ?? []) {
      watch.heard();
      await file.appendFile(piece);
      at += piece.length;
      onBytes(at, total);
    }
  } catch (error) {
    watch.signal.throwIfAborted();
    throw error;
  } finally {
    // What has come counts, also after a power cut.
    await file.sync();
    await file.close();
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

/** A rename is on disk only once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
