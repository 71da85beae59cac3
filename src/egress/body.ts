import { pipeline, type Readable, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import { EgressError } from "./egress-error.ts";

/** What `decodedBody` can undo; named to the server. */
export const acceptedEncodings = "gzip, br, zstd";

const decoders: Record<string, () => Transform> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

export interface BodyOptions {
  origin: string;
  /** As the answer says it. */
  encoding: string;
  /** After decoding. */
  mostBytes: number;
  ratio: number;
  /** Another piece has come over the wire. */
  onWire(): void;
  /** How many decoded bytes there are by now. */
  onDecoded(bytes: number): void;
}

/** Throws when the answer is encoded in a way that is not undone: several times over, or unknown. */
export function checkEncoding(origin: string, encoding: string): void {
  if (encoding === "" || encoding === "identity" || Object.hasOwn(decoders, encoding)) return;
  throw new EgressError(`${origin} encodes its answer in a way that is not taken.`);
}

/** The body as it was before it was compressed. It throws as soon as it is too much: it is never held as a whole. */
export async function* decodedBody(wire: Readable, options: BodyOptions): AsyncGenerator<Uint8Array> {
  const { origin, encoding, mostBytes, ratio } = options;
  let wireBytes = 0;
  wire.on("data", (chunk: Buffer) => {
    wireBytes += chunk.length;
    options.onWire();
  });
  wire.pause();
  const decoder = decoders[encoding]?.();
  const decoded: Readable = decoder ? pipeline(wire, decoder, () => {}) : wire;

  let decodedBytes = 0;
  for await (const chunk of decoded as AsyncIterable<Buffer>) {
    decodedBytes += chunk.length;
    if (decodedBytes > mostBytes) throw tooLarge(origin, mostBytes);
    if (decodedBytes > wireBytes * ratio)
      throw new EgressError(`${origin} sent a body that unpacks to more than ${ratio} times its size.`);
    options.onDecoded(decodedBytes);
    yield chunk;
  }
}

export function tooLarge(origin: string, mostBytes: number): EgressError {
  const mebibytes = mostBytes / 1024 ** 2;
  const most = mebibytes >= 1 ? `${Math.round(mebibytes)} MiB` : `${mostBytes.toLocaleString("en-US")} bytes`;
  return new EgressError(`${origin} sends more than the ${most} that are taken.`);
}
