/** What is in a file, told by its bytes; its name may say anything. */
export type Content =
  | { kind: "text"; text: string }
  | { kind: "pdf" }
  | { kind: "image"; format: string }
  | { kind: "binary" };

const imageStarts: readonly [format: string, start: RegExp][] = [
  ["PNG", /^\x89PNG\r\n/],
  ["JPEG", /^\xff\xd8\xff/],
  ["GIF", /^GIF8[79]a/],
  ["WebP", /^RIFF.{4}WEBP/s],
  ["BMP", /^BM.{4}\x00\x00\x00\x00/s],
  ["TIFF", /^(II\*\x00|MM\x00\*)/],
  ["HEIC", /^.{4}ftyp(heic|heix|mif1|avif)/s],
];

export function contentOf(bytes: Buffer): Content {
  const start = bytes.toString("latin1", 0, 1024);
  if (start.includes("%PDF-")) return { kind: "pdf" };
  const image = imageStarts.find(([, pattern]) => pattern.test(start));
  if (image) return { kind: "image", format: image[0] };
  const text = decoded(bytes);
  return text === undefined ? { kind: "binary" } : { kind: "text", text };
}

function decoded(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
