import { setImmediate as nextTurn } from "node:timers/promises";
import type { VectorRows, Vectors } from "../store/vectors.ts";
import type { VectorHit, VectorIndex, VectorIndexes } from "./vector-index.ts";

const sliceSize = 2_000;

export function createExactIndexes(vectors: Vectors, why: string): VectorIndexes {
  return {
    open: async (name, dimension) => createExactIndex(name, vectors.open(name, dimension)),
    names: async () => vectors.names(),
    async drop(name) {
      while (!vectors.drop(name, sliceSize)) await nextTurn();
    },
    state: () => ({ kind: "exact", away: false, text: `exact search in memtrix.db: ${why}` }),
    onBack: () => () => {},
    async [Symbol.asyncDispose]() {},
  };
}

function createExactIndex(name: string, rows: VectorRows): VectorIndex {
  return {
    name,
    async upsert(items) {
      for (let at = 0; at < items.length; at += sliceSize) {
        rows.put(items.slice(at, at + sliceSize).map(({ id, vector }) => ({ id, code: encode(vector) })));
        await nextTurn();
      }
    },
    async delete(ids) {
      rows.delete(ids);
    },
    async query(vector, limit, only) {
      const unit = unitOf(vector);
      const wanted = only && new Set(rows.rowsOf(only).values());
      const hits: VectorHit[] = [];
      for (let page = rows.codesAfter(0, sliceSize); page.length > 0; ) {
        for (const { row, code } of page) {
          if (wanted && !wanted.has(row)) continue;
          const id = rows.idOf(row);
          if (id !== undefined) hits.push({ id, similarity: similarityOf(unit, code) });
        }
        page = rows.codesAfter(page.at(-1)?.row ?? 0, sliceSize);
        await nextTurn();
      }
      return hits.sort((a, b) => b.similarity - a.similarity).slice(0, limit);
    },
    has: async (ids) => new Set(rows.rowsOf(ids).keys()),
    async ids() {
      const all = new Set<string>();
      for (let page = rows.idsAfter("", sliceSize); page.length > 0; ) {
        for (const id of page) all.add(id);
        page = rows.idsAfter(page.at(-1) ?? "", sliceSize);
        await nextTurn();
      }
      return all;
    },
    count: async () => rows.count(),
  };
}

function unitOf(vector: Float32Array): Float32Array {
  const norm = Math.hypot(...vector) || 1;
  return vector.map((value) => value / norm);
}

/** One byte a dimension, after the scale that they are multiplied by. */
function encode(vector: Float32Array): Uint8Array {
  const unit = unitOf(vector);
  const scale = unit.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127 || 1;
  const code = new Uint8Array(4 + unit.length);
  new DataView(code.buffer).setFloat32(0, scale, true);
  new Int8Array(code.buffer, 4).set(unit.map((value) => Math.round(value / scale)));
  return code;
}

function similarityOf(unit: Float32Array, code: Uint8Array): number {
  const bytes = new Int8Array(code.buffer, code.byteOffset + 4, unit.length);
  let sum = 0;
  for (let index = 0; index < unit.length; index++) sum += (unit[index] as number) * (bytes[index] as number);
  return sum * new DataView(code.buffer, code.byteOffset).getFloat32(0, true);
}
