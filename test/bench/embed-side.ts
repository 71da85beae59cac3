import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silent } from "../../src/log.ts";
import { createEmbedder } from "../../src/memory/embedder.ts";
import { findModel } from "../../src/memory/embedding-models.ts";

/** One way of embedding, in a process of its own, so that its memory can be told. */
export type SideName = "bare onnxruntime" | "embedder";
export type SideQuestion = { kind: "documents" | "queries"; texts: string[] };
export type SideAnswer = { ms: number; residentMb: number; peakMb: number };

interface Side {
  /** Makes ready what is not measured, and gives the work. */
  prepare(question: SideQuestion): () => Promise<void>;
}

/** The network alone, with the tokens at hand and nothing made of what comes out. */
async function bareSide(folder: string): Promise<Side> {
  // The very packages that transformers.js uses.
  const require = createRequire(import.meta.resolve("@xenova/transformers"));
  const { InferenceSession, Tensor } = require("onnxruntime-node");
  const { Tokenizer } = require("@huggingface/tokenizers");
  const json = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8"));
  const tokenizer = new Tokenizer(json("tokenizer.json"), json("tokenizer_config.json"));
  const { onnxFile, queryPrefix, documentPrefix, windowTokens } = await findModel(folder, tmpdir());
  const session = await InferenceSession.create(join(folder, onnxFile), { intraOpNumThreads: 2 });

  return {
    prepare({ kind, texts }) {
      const prefix = kind === "queries" ? queryPrefix : documentPrefix;
      const inputs = texts.map((text) => {
        const ids: number[] = tokenizer.encode(prefix + text).ids.slice(0, windowTokens);
        const tensor = (value: (id: number) => bigint) =>
          new Tensor("int64", BigInt64Array.from(ids, value), [1, ids.length]);
        return { input_ids: tensor(BigInt), attention_mask: tensor(() => 1n), token_type_ids: tensor(() => 0n) };
      });
      return async () => {
        for (const input of inputs) (await session.run(input)).last_hidden_state.data;
      };
    },
  };
}

async function embedderSide(folder: string): Promise<Side> {
  const model = await findModel(folder, join(tmpdir(), `memtrix-bench-${process.pid}`));
  const embedder = createEmbedder({ model, log: silent });
  await embedder.ready();
  return {
    prepare: ({ kind, texts }) =>
      kind === "documents"
        ? async () => void (await embedder.embedDocuments(texts))
        : async () => {
            for (const text of texts) await embedder.embedQuery(text);
          },
  };
}

const [name, folder = ""] = process.argv.slice(2);
const began = performance.now();
const side = await (name === "embedder" ? embedderSide(folder) : bareSide(folder));
process.send?.(answer(performance.now() - began));
process.on("message", async (question: SideQuestion) => {
  const work = side.prepare(question);
  const start = performance.now();
  await work();
  process.send?.(answer(performance.now() - start));
});

function answer(ms: number): SideAnswer {
  const megabytes = (bytes: number) => Math.round(bytes / 1e6);
  return {
    ms,
    residentMb: megabytes(process.memoryUsage.rss()),
    peakMb: megabytes(process.resourceUsage().maxRSS * 1024),
  };
}
