import type { MatrixClient } from "matrix-js-sdk";
import { type FormatOptions, formatMessage } from "./format.ts";
import { attachmentName } from "./media/attachment-name.ts";
import { readAttachment } from "./media/content.ts";
import { fetchMedia } from "./media/fetch-media.ts";
import { openSealed, seal } from "./media/sealed.ts";
import { imageSize, kindOf, mediaTypeOf } from "./media/sniff.ts";
import { type Thumbnail, thumbnailOf } from "./media/thumbnail.ts";

export interface Attachment {
  /** Safe for a file of ours; as near to the sender's as that allows. */
  name: string;
  /** By its first bytes where they tell, else as the sender says. */
  mimetype: string;
  bytes: Uint8Array;
}

export interface DownloadOptions {
  maxBytes: number;
  signal?: AbortSignal;
  /** Servers whose media may be asked for; at first the account's own alone. */
  servers?: readonly string[];
  fetch?: typeof globalThis.fetch;
}

export type Downloader = Pick<MatrixClient, "getHomeserverUrl" | "getAccessToken" | "getDomain">;

/**
 * The file that the content of a message tells of, decrypted and checked. Throws a sentence for the sender where it
 * cannot be had. It is of whoever sent it: what keeps it marks it so.
 */
export async function downloadAttachment(
  client: Downloader,
  content: Record<string, unknown>,
  { maxBytes, signal, servers = [client.getDomain() ?? ""], fetch = globalThis.fetch }: DownloadOptions,
): Promise<Attachment> {
  const told = readAttachment(content);
  if (told.size !== undefined && told.size > maxBytes) throw new Error(tooLarge(maxBytes));
  const media = await fetchMedia(told.address, {
    ...{ homeserver: client.getHomeserverUrl(), accessToken: client.getAccessToken() ?? "", servers, fetch },
    ...{ maxBytes, tooLarge: tooLarge(maxBytes) },
    ...(signal && { signal }),
  });
  const bytes = told.sealed ? await openSealed(media, told.sealed) : media;
  const mimetype = mediaTypeOf(bytes, told.name) ?? told.mimetype ?? "application/octet-stream";
  return { name: attachmentName(told.name, mimetype), mimetype, bytes };
}

export interface FileToSend {
  name: string;
  bytes: Uint8Array;
  /** Markdown. */
  caption?: string | undefined;
}

type Uploader = Pick<MatrixClient, "uploadContent" | "getMediaConfig" | "getRoom" | "getCrypto">;

/**
 * Uploads a file and gives the content of the `m.room.message` that shows it; the file is encrypted where the room is.
 * `options` are for its caption. Throws a sentence when the homeserver does not take it.
 */
export async function uploadAttachment(
  client: Uploader,
  roomId: string,
  { name, bytes, caption }: FileToSend,
  { signal, ...options }: FormatOptions & { signal?: AbortSignal } = {},
): Promise<Record<string, unknown>> {
  await refuseTooLarge(client, bytes.byteLength);
  const mimetype = mediaTypeOf(bytes, name) ?? "application/octet-stream";
  const filename = attachmentName(name, mimetype);
  const said = caption ? formatMessage(caption, options)[0] : undefined;
  const encrypted = await isEncrypted(client, roomId);
  const thumbnail = await thumbnailOf(bytes, mimetype);
  return {
    msgtype: `m.${kindOf(mimetype)}`,
    body: filename,
    ...(said && { body: said.body, format: said.format, formatted_body: said.formatted_body }),
    filename,
    info: {
      ...{ mimetype, size: bytes.byteLength, ...imageSize(bytes, mimetype) },
      ...(thumbnail && (await uploadThumbnail(client, thumbnail, encrypted, signal))),
    },
    "m.mentions": said?.["m.mentions"] ?? {},
    ...(encrypted
      ? { file: await uploadSealed(client, bytes, signal) }
      : { url: await upload(client, bytes, { type: mimetype, name: filename }, signal) }),
  };
}

async function uploadThumbnail(
  client: Uploader,
  { bytes, mimetype, w, h }: Thumbnail,
  encrypted: boolean,
  signal: AbortSignal | undefined,
) {
  return {
    thumbnail_info: { mimetype, size: bytes.byteLength, w, h },
    ...(encrypted
      ? { thumbnail_file: await uploadSealed(client, bytes, signal) }
      : { thumbnail_url: await upload(client, bytes, { type: mimetype, includeFilename: false }, signal) }),
  };
}

async function uploadSealed(client: Uploader, bytes: Uint8Array, signal: AbortSignal | undefined) {
  const { sealed, keys } = await seal(bytes);
  // Neither its name nor its type is for the homeserver to know.
  const url = await upload(client, sealed, { type: "application/octet-stream", includeFilename: false }, signal);
  return { ...keys, url };
}

async function upload(
  client: Uploader,
  bytes: Uint8Array,
  options: { type: string; name?: string; includeFilename?: false },
  signal: AbortSignal | undefined,
): Promise<string> {
  const abortController = new AbortController();
  const abort = () => abortController.abort();
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    return (await client.uploadContent(Buffer.from(bytes), { ...options, abortController })).content_uri;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/** What is not known to be unencrypted is encrypted. */
async function isEncrypted(client: Uploader, roomId: string): Promise<boolean> {
  const room = client.getRoom(roomId);
  if (!room) throw new Error("The file was not sent: its room is not known.");
  return room.hasEncryptionStateEvent() || ((await client.getCrypto()?.isEncryptionEnabledInRoom(roomId)) ?? false);
}

async function refuseTooLarge(client: Uploader, size: number): Promise<void> {
  const limit = (await client.getMediaConfig(true).catch(() => undefined))?.["m.upload.size"];
  if (typeof limit !== "number" || size <= limit) return;
  throw new Error(`The homeserver takes files of ${megabytes(limit)} at most; this one has ${megabytes(size)}.`);
}

function tooLarge(maxBytes: number): string {
  return `The file is larger than ${megabytes(maxBytes)}, the most that is taken here (attachment_mib in the channel's settings).`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toLocaleString("en", { maximumFractionDigits: 1 })} MiB`;
}
