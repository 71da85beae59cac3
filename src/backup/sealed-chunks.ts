import { createCipheriv, createDecipheriv } from "node:crypto";
import { ConfigError } from "../errors.ts";

/**
 * A stream in chunks, each encrypted and authenticated by itself (AES-256-GCM). The nonce of a chunk is its number and
 * whether it is the last: chunks that are swapped, left out, added or cut off do not open. A key is used for one stream.
 */
export const chunkBytes = 65_536;
const tagBytes = 16;
const sealedBytes = chunkBytes + tagBytes;

export interface Sealer {
  add(bytes: Uint8Array): Promise<void>;
  /** To be called once, at the end. */
  end(): Promise<void>;
}

/** `header`: bytes that the seal of each chunk covers as well. */
export function createSealer(key: Buffer, header: Buffer, write: (bytes: Buffer) => Promise<void>): Sealer {
  const open = Buffer.alloc(chunkBytes);
  let filled = 0;
  let number = 0;

  async function leave(isLast: boolean): Promise<void> {
    const cipher = createCipheriv("aes-256-gcm", key, nonceOf(number, isLast)).setAAD(header);
    const sealed = Buffer.concat([cipher.update(open.subarray(0, filled)), cipher.final(), cipher.getAuthTag()]);
    number += 1;
    filled = 0;
    await write(sealed);
  }

  return {
    async add(bytes) {
      for (let from = 0; from < bytes.length; ) {
        // A full one waits until it is known whether it is the last.
        if (filled === chunkBytes) await leave(false);
        const part = bytes.subarray(from, from + chunkBytes - filled);
        open.set(part, filled);
        filled += part.length;
        from += part.length;
      }
    },
    end: () => leave(true),
  };
}

/** What was sealed, in pieces; each is handed out only when it is known to be genuine. @throws ConfigError */
export async function* unseal(key: Buffer, header: Buffer, sealed: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let held: Uint8Array = Buffer.alloc(0);
  let number = 0;
  for await (const bytes of sealed) {
    held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    while (held.length > sealedBytes) {
      yield opened(key, header, number, false, held.subarray(0, sealedBytes));
      held = held.subarray(sealedBytes);
      number += 1;
    }
  }
  yield opened(key, header, number, true, held);
}

function opened(key: Buffer, header: Buffer, number: number, isLast: boolean, sealed: Uint8Array): Buffer {
  if (sealed.length < tagBytes) throw damaged(number);
  const decipher = createDecipheriv("aes-256-gcm", key, nonceOf(number, isLast), { authTagLength: tagBytes });
  decipher.setAAD(header).setAuthTag(sealed.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, -tagBytes)), decipher.final()]);
  } catch (cause) {
    throw damaged(number, cause);
  }
}

function damaged(number: number, cause?: unknown): ConfigError {
  const place = Math.floor((number * sealedBytes) / 1_000_000);
  return new ConfigError(
    `The backup is damaged or cut off (behind its first ${place} MB): take another copy of it. Nothing was touched.`,
    { cause },
  );
}

function nonceOf(number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(number), 3);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}
