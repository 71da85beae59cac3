import { basename, extname } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { AutoModel, AutoTokenizer, env, LogLevel, Tensor } from "@xenova/transformers";
import { messageOf } from "../errors.ts";
import type { EmbedRequest, EmbedResponse, ThreadData } from "./embedding-thread.ts";
import { pooled } from "./pooling.ts";

const port = parentPort;
const { folder, onnxFile, pooling, layerNorm, windowTokens, threads } = workerData as ThreadData;

// Nothing comes from the network and nothing is written: the folder has been laid out, and its hashes checked, before.
env.allowRemoteModels = false;
env.useFSCache = false;
env.logLevel = LogLevel.ERROR;

const tokenizer = await AutoTokenizer.from_pretrained(folder, { local_files_only: true });
const network = await AutoModel.from_pretrained(folder, {
  local_files_only: true,
  // The name as it lies in the folder, quantised or not: "fp32" adds no ending to it.
  dtype: "fp32",
  subfolder: onnxFile.includes("/") ? onnxFile.slice(0, onnxFile.lastIndexOf("/")) : "",
  model_file_name: basename(onnxFile, extname(onnxFile)),
  // Memory patterns are laid out for one length of text each; ours are all of different lengths. Without them: 40 MB less, as fast.
  session_options: { intraOpNumThreads: threads, interOpNumThreads: 1, enableMemPattern: false },
});

port?.on("message", async (request: EmbedRequest) => {
  if (request.kind === "close") return end();
  try {
    const { vector, truncated } = await embed(request.text);
    port.postMessage({ kind: "vector", id: request.id, vector, truncated } satisfies EmbedResponse, [vector.buffer]);
  } catch (error) {
    port.postMessage({ kind: "refused", id: request.id, reason: messageOf(error) } satisfies EmbedResponse);
  }
});
const { vector } = await embed("a");
port?.postMessage({ kind: "ready", dimension: vector.length } satisfies EmbedResponse);

async function end(): Promise<void> {
  await network.dispose();
  port?.close();
}

async function embed(text: string): Promise<{ vector: Float32Array<ArrayBuffer>; truncated: boolean }> {
  // Ids beyond the window are dropped below; this only bounds the work for them. No token of ours is that long on average.
  const { input_ids: all } = tokenizer(text.slice(0, windowTokens * 32), { return_tensor: false }) as {
    input_ids: number[];
  };
  // The library's own truncation would drop the token that ends a text.
  const ids = all.length > windowTokens ? [...all.slice(0, windowTokens - 1), ...all.slice(-1)] : all;
  const tensor = (value: (id: number) => bigint) =>
    new Tensor("int64", BigInt64Array.from(ids, value), [1, ids.length]);

  const output = await network({
    input_ids: tensor(BigInt),
    attention_mask: tensor(() => 1n),
    token_type_ids: tensor(() => 0n),
  });
  const hidden: Tensor = output.last_hidden_state ?? output.token_embeddings;
  const [, , width = 0] = hidden.dims;
  const vector = pooled(hidden.data as Float32Array, width, { pooling, layerNorm });
  return { vector, truncated: ids !== all };
}
