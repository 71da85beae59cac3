import { createHash } from "node:crypto";
import { crc32, deflateSync } from "node:zlib";

const cells = 5;
const cellPixels = 40;
const marginPixels = 28;
export const avatarPixels = cells * cellPixels + 2 * marginPixels;

/** A picture to know an agent by, as PNG: the same for the same words, and a pattern like no other's. */
export function avatarOf(words: string): Uint8Array {
  const hash = createHash("sha256").update(words).digest();
  const hue = hash.readUInt16BE(0) % 360;
  const [ground, figure] = [rgb(hue, 0.45, 0.93), rgb(hue, 0.55, 0.42)];

  const rows = Array.from({ length: avatarPixels }, (_, y) => {
    const pixels = Array.from({ length: avatarPixels }, (_, x) => (isFigure(hash, x, y) ? 1 : 0));
    return Buffer.from([0, ...pixels]); // 0: this line is not filtered.
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(avatarPixels, 0);
  header.writeUInt32BE(avatarPixels, 4);
  header.set([8, 3], 8); // A byte a pixel, which is a place in the palette.
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("PLTE", Buffer.from([...ground, ...figure])),
    chunk("IDAT", deflateSync(Buffer.concat(rows))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** The left half is mirrored, and the middle of it is always there: never an empty picture. */
function isFigure(hash: Buffer, x: number, y: number): boolean {
  const [column, row] = [x, y].map((at) => Math.floor((at - marginPixels) / cellPixels)) as [number, number];
  if (column < 0 || row < 0 || column >= cells || row >= cells) return false;
  const mirrored = Math.min(column, cells - 1 - column);
  const middle = (cells - 1) / 2;
  if (mirrored === middle && row === middle) return true;
  return ((hash[2 + row * cells + mirrored] ?? 0) & 1) === 1;
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name), data]);
  const frame = Buffer.alloc(4);
  frame.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([frame, body, sum]);
}

/** From hue in degrees, saturation and lightness of 0 to 1. */
function rgb(hue: number, saturation: number, lightness: number): [number, number, number] {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const part = (offset: number): number => {
    const at = (offset + hue / 30) % 12;
    return Math.round(255 * (lightness - reach * Math.max(-1, Math.min(at - 3, 9 - at, 1))));
  };
  return [part(0), part(8), part(4)];
}
