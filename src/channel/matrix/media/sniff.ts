import { imageHeader } from "./image-header.ts";

type Kind = "image" | "audio" | "video" | "file";

/** First bytes, at `offset`, and what they tell. */
const signatures: [offset: number, bytes: string, mimetype: string][] = [
  [0, "\x89PNG\r\n\x1a\n", "image/png"],
  [0, "\xff\xd8\xff", "image/jpeg"],
  [0, "GIF87a", "image/gif"],
  [0, "GIF89a", "image/gif"],
  [8, "WEBP", "image/webp"],
  [0, "%PDF-", "application/pdf"],
  [0, "OggS", "audio/ogg"],
  [0, "ID3", "audio/mpeg"],
  [0, "\xff\xfb", "audio/mpeg"],
  [0, "\xff\xf3", "audio/mpeg"],
  [0, "fLaC", "audio/flac"],
  [8, "WAVE", "audio/wav"],
  [4, "ftypM4A", "audio/mp4"],
  [4, "ftyp", "video/mp4"],
  [0, "\x1a\x45\xdf\xa3", "video/webm"],
  [0, "\x1f\x8b", "application/gzip"],
  [0, "PK\x03\x04", "application/zip"],
  [0, "PK\x05\x06", "application/zip"],
];

const office = "application/vnd.openxmlformats-officedocument";
/** What a container or a text is, is told by the name alone. */
const byExtension: Record<string, Record<string, string>> = {
  "application/zip": {
    docx: `${office}.wordprocessingml.document`,
    xlsx: `${office}.spreadsheetml.sheet`,
    pptx: `${office}.presentationml.presentation`,
    epub: "application/epub+zip",
    odt: "application/vnd.oasis.opendocument.text",
  },
  "text/plain": {
    ...{
      md: "text/markdown",
      csv: "text/csv",
      html: "text/html",
      htm: "text/html",
      css: "text/css",
      ics: "text/calendar",
    },
    ...{ json: "application/json", xml: "application/xml", svg: "image/svg+xml", js: "text/javascript" },
  },
};

/** Its media type, by its first bytes; undefined for what they do not tell. */
export function mediaTypeOf(bytes: Uint8Array, name: string): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 32)).toString("latin1");
  const found = signatures.find(([offset, start]) => head.startsWith(start, offset))?.[2] ?? textType(bytes);
  const extension = /\.([a-z0-9]{1,8})$/i.exec(name)?.[1]?.toLowerCase() ?? "";
  return (found && byExtension[found]?.[extension]) ?? found;
}

/** How a client shows it. A drawing in SVG is a document, which clients do not show in the room. */
export function kindOf(mimetype: string): Kind {
  const [kind] = mimetype.split("/");
  if (mimetype === "image/svg+xml") return "file";
  return kind === "image" || kind === "audio" || kind === "video" ? kind : "file";
}

/** Width and height of a picture, in pixels, from its header. */
export function imageSize(bytes: Uint8Array, mimetype: string): { w: number; h: number } | undefined {
  const size = imageHeader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), mimetype);
  return size && size.w > 0 && size.h > 0 ? size : undefined;
}

function textType(bytes: Uint8Array): string | undefined {
  if (bytes.byteLength === 0) return undefined;
  const start = bytes.subarray(0, 4096);
  if (start.includes(0)) return undefined;
  try {
    // `stream`: the last character may be cut here.
    new TextDecoder("utf-8", { fatal: true }).decode(start, { stream: true });
    return "text/plain";
  } catch {
    return undefined;
  }
}
