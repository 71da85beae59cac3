import { describe, expect, it } from "vitest";
import { imageSize, kindOf, mediaTypeOf } from "../../../../src/channel/matrix/media/sniff.ts";

const bytes = (...parts: (string | number[])[]) =>
  new Uint8Array(
    Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part)))),
  );

const png = bytes("\x89PNG\r\n\x1a\n", [0, 0, 0, 13], "IHDR", [0, 0, 1, 64], [0, 0, 0, 200]);
const gif = bytes("GIF89a", [64, 1], [200, 0]);
const jpeg = bytes([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, 0xc2, 0, 11, 8, 0, 200, 1, 64]);
const riff = (chunk: string, ...rest: number[][]) => bytes("RIFF", [0, 0, 0, 0], "WEBP", chunk, [0, 0, 0, 0], ...rest);

describe("what a file is", () => {
  it.each<[string, Uint8Array, string, string | undefined]>([
    ["a picture with a false name", png, "virus.txt", "image/png"],
    ["a PDF", bytes("%PDF-1.7"), "a", "application/pdf"],
    ["text", bytes("hello"), "notes.txt", "text/plain"],
    ["markdown", bytes("# hello"), "notes.md", "text/markdown"],
    [
      "a document in a ZIP",
      bytes("PK\x03\x04"),
      "a.docx",
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ],
    ["music", bytes("ID3"), "a.mp3", "audio/mpeg"],
    ["a film", bytes([0, 0, 0, 24], "ftypisom"), "a.mp4", "video/mp4"],
    ["nothing", bytes(), "a.png", undefined],
    ["bytes", bytes([0, 1, 2, 255]), "a.png", undefined],
  ])("is told by its first bytes: %s", (_, content, name, expected) => {
    expect(mediaTypeOf(content, name)).toBe(expected);
  });

  it("decides how it is shown", () => {
    expect(["image/png", "image/svg+xml", "audio/ogg", "video/mp4", "text/plain"].map(kindOf)).toEqual([
      "image",
      "file",
      "audio",
      "video",
      "file",
    ]);
  });
});

describe("the size of a picture", () => {
  it.each<[string, Uint8Array, string]>([
    ["PNG", png, "image/png"],
    ["GIF", gif, "image/gif"],
    ["JPEG", jpeg, "image/jpeg"],
    ["WebP, lossy", riff("VP8 ", [0, 0, 0, 0x9d, 1, 0x2a, 64, 1, 200, 0]), "image/webp"],
    ["WebP, lossless", riff("VP8L", [0x2f, 63, 193, 49, 0]), "image/webp"],
    ["WebP, extended", riff("VP8X", [0, 0, 0, 0], [63, 1, 0], [199, 0, 0]), "image/webp"],
  ])("is read from its header: %s", (_, content, mimetype) => {
    expect(imageSize(content, mimetype)).toEqual({ w: 320, h: 200 });
    for (let length = 0; length < content.length - 1; length++)
      expect(() => imageSize(content.subarray(0, length), mimetype)).not.toThrow();
  });
});
