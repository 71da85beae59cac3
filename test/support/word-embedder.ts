import { createHash } from "node:crypto";
import type { Embedder } from "../../src/memory/embedder.ts";

const dimension = 32;

/** Not a network: the same words give the same vector, which is all that indexing needs. Tells what it is asked for before it embeds it. */
export function wordEmbedder(
  onDocuments: (texts: readonly string[]) => void | Promise<void> = () => {},
  identity = "words-1",
): Embedder {
  return {
    ...{ identity, dimension, start() {}, async ready() {} },
    embedQuery: async (text) => vectorOf(text),
    async embedDocuments(texts) {
      await onDocuments(texts);
      return texts.map(vectorOf);
    },
    state: () => ({ kind: "ready", text: "" }),
    onState: () => () => {},
    async [Symbol.asyncDispose]() {},
  };
}

function vectorOf(text: string): Float32Array {
  const vector = new Float32Array(dimension);
  for (const word of text.toLowerCase().match(/\w+/g) ?? [])
    vector[(createHash("md5").update(word).digest()[0] ?? 0) % dimension] = 1;
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}
