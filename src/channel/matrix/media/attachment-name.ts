import { downloadNameProblem } from "../../../sandbox/names.ts";
import { cleanText } from "../format/clean.ts";

/** Room is left for a number, and for the names that encrypting file systems make of it. */
const maxBytes = 120;

const extensions: Record<string, string> = {
  ...{ "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp", "application/pdf": "pdf" },
  ...{ "audio/ogg": "ogg", "audio/mpeg": "mp3", "audio/mp4": "m4a", "audio/wav": "wav", "audio/flac": "flac" },
  ...{ "video/mp4": "mp4", "video/webm": "webm", "text/plain": "txt", "application/zip": "zip" },
};

/** A name for a file of ours, as near to the given one as it can be; never a path. */
export function attachmentName(given: string, mimetype: string): string {
  const [last = ""] = cleanText(given).normalize("NFKC").split(/[/\\]/).slice(-1);
  const plain = last
    .replace(/[\p{C}\p{Z}\s]+/gu, " ")
    .replace(/[:*?"<>|]/g, "_")
    .replace(/^[.\-\s]+|[.\s]+$/g, "");
  const name = shortened(plain);
  if (name !== "" && downloadNameProblem(name) === undefined) return name;
  const beside = `file ${name}`.trim();
  return name !== "" && downloadNameProblem(beside) === undefined ? beside : withExtension("file", mimetype);
}

/** `report.pdf`, 2 → `report (2).pdf`. */
export function numbered(name: string, number: number): string {
  const { stem, extension } = parts(name);
  return `${stem} (${number})${extension}`;
}

function shortened(name: string): string {
  if (Buffer.byteLength(name) <= maxBytes) return name;
  const { stem, extension } = parts(name);
  let room = maxBytes - Buffer.byteLength(extension);
  let short = "";
  for (const { segment } of new Intl.Segmenter().segment(stem)) {
    room -= Buffer.byteLength(segment);
    if (room < 0) break;
    short += segment;
  }
  return short.trimEnd() + extension;
}

function parts(name: string): { stem: string; extension: string } {
  const extension = /(?:\.tar)?\.[\p{L}\p{N}]{1,12}$/u.exec(name)?.[0] ?? "";
  return { stem: name.slice(0, name.length - extension.length), extension };
}

function withExtension(stem: string, mimetype: string): string {
  const extension = extensions[mimetype];
  return extension ? `${stem}.${extension}` : stem;
}
