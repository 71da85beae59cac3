import type { VectorIndex, VectorIndexes } from "./vector-index.ts";

/** Collections whose parts lie elsewhere than the rest: a server that searches does not go through them, and holds a fifth. */
export function keepPartsApart(wholes: VectorIndexes, parts: VectorIndexes): VectorIndexes {
  return {
    async open(name, dimension) {
      const [whole, part] = await Promise.all([wholes.open(name, dimension), parts.open(name, dimension)]);
      return together(whole, part);
    },
    names: async () => [...new Set([...(await wholes.names()), ...(await parts.names())])],
    async drop(name) {
      await wholes.drop(name);
      await parts.drop(name);
    },
    state: wholes.state,
    onBack(listener) {
      const ends = [wholes, parts].map((each) => each.onBack(listener));
      return () => {
        for (const end of ends) end();
      };
    },
    async [Symbol.asyncDispose]() {
      await wholes[Symbol.asyncDispose]();
      await parts[Symbol.asyncDispose]();
    },
  };
}

function together(whole: VectorIndex, part: VectorIndex): VectorIndex {
  return {
    name: whole.name,
    async upsert(items) {
      await whole.upsert(items.filter(({ isPart }) => !isPart));
      await part.upsert(items.filter(({ isPart }) => isPart));
    },
    async delete(ids) {
      await whole.delete(ids);
      await part.delete(ids);
    },
    async query(vector, limit, only) {
      if (!only) return whole.query(vector, limit);
      const found = await part.query(vector, only.length, only);
      const parts = new Set(found.map(({ id }) => id));
      const others = only.filter((id) => !parts.has(id));
      if (others.length > 0) found.push(...(await whole.query(vector, limit, others)));
      return found.sort((a, b) => b.similarity - a.similarity).slice(0, limit);
    },
    has: async (ids) => (await whole.has(ids)).union(await part.has(ids)),
    ids: async () => (await whole.ids()).union(await part.ids()),
    count: async () => (await whole.count()) + (await part.count()),
  };
}
