/** Bytes in the amounts in which they are wanted, out of pieces as they come. */
export interface ByteReader {
  /** Exactly so many. Throws `EndedEarlyError` when there are fewer. */
  take(count: number): Promise<Buffer>;
  /** True when nothing is left. */
  isAtEnd(): Promise<boolean>;
  /** All that is left, as it comes. */
  rest(): AsyncGenerator<Uint8Array>;
}

export class EndedEarlyError extends Error {
  override name = "EndedEarlyError";
}

export function createByteReader(source: AsyncIterable<Uint8Array>): ByteReader {
  const pieces = source[Symbol.asyncIterator]();
  let held: Uint8Array = Buffer.alloc(0);

  async function more(): Promise<Uint8Array | undefined> {
    const next = await pieces.next();
    return next.done ? undefined : next.value;
  }

  return {
    async take(count) {
      const parts: Uint8Array[] = [];
      for (let missing = count; missing > 0; ) {
        if (held.length === 0) {
          const piece = await more();
          if (piece === undefined) throw new EndedEarlyError("it ends too early");
          held = piece;
        }
        const part = held.subarray(0, missing);
        parts.push(part);
        held = held.subarray(part.length);
        missing -= part.length;
      }
      return Buffer.concat(parts, count);
    },
    async isAtEnd() {
      while (held.length === 0) {
        const piece = await more();
        if (piece === undefined) return true;
        held = piece;
      }
      return false;
    },
    async *rest() {
      if (held.length > 0) yield held;
      held = Buffer.alloc(0);
      for (let piece = await more(); piece !== undefined; piece = await more()) yield piece;
    },
  };
}
