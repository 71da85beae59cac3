import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type OnnxNode, type OnnxTensor, onnxModel } from "./onnx-writer.ts";
import { seededRandom } from "./seeded-random.ts";

export interface MadeModel {
  /** Words that are one token each; others are spelled letter by letter. */
  words?: readonly string[];
  width?: number;
  layers?: number;
  /** Another seed is another model. */
  seed?: number;
  /** As config.json tells it: `nomic_bert` is put to use in nomic's manner. */
  modelType?: "bert" | "nomic_bert";
  /** The longest text that the network can take, in tokens. */
  positions?: number;
}

/**
 * Lays a small sentence-embedding network into a folder, as transformers.js loads it: a BERT with random weights, and
 * tokenizer files in the real format. Texts with words in common have vectors near each other.
 */
export function makeModelFolder(
  folder: string,
  { words = [], width = 32, layers = 2, seed = 1, modelType = "bert", positions = 512 }: MadeModel = {},
): void {
  const vocabulary = vocabularyOf(words);
  const lay = (name: string, content: object | Buffer): void => {
    writeFileSync(join(folder, name), Buffer.isBuffer(content) ? content : JSON.stringify(content, undefined, 2));
  };
  mkdirSync(join(folder, "onnx"), { recursive: true });
  lay("config.json", configOf({ vocabularySize: vocabulary.length, width, layers, modelType, positions }));
  lay("tokenizer_config.json", { tokenizer_class: "BertTokenizer", model_max_length: positions, do_lower_case: true });
  lay("tokenizer.json", tokenizerOf(vocabulary));
  lay("onnx/model_quantized.onnx", networkOf({ vocabularySize: vocabulary.length, width, layers, seed, positions }));
}

const specialTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

function vocabularyOf(words: readonly string[]): string[] {
  const characters = [..."abcdefghijklmnopqrstuvwxyz0123456789"];
  const marks = [...".,:;!?'\"()-_/"];
  const pieces = characters.map((character) => `##${character}`);
  return [
    ...new Set([...specialTokens, ...characters, ...marks, ...pieces, ...words.map((word) => word.toLowerCase())]),
  ];
}

interface Shape {
  vocabularySize: number;
  width: number;
  layers: number;
  positions: number;
}

function configOf({ vocabularySize, width, layers, modelType, positions }: Shape & { modelType: string }): object {
  const architecture = modelType === "bert" ? "BertModel" : "NomicBertModel";
  const shared = { model_type: modelType, architectures: [architecture], vocab_size: vocabularySize };
  if (modelType === "nomic_bert") return { ...shared, n_embd: width, n_layer: layers, n_positions: positions };
  return { ...shared, hidden_size: width, num_hidden_layers: layers, max_position_embeddings: positions };
}

function tokenizerOf(vocabulary: readonly string[]): object {
  const id = (token: string): number => vocabulary.indexOf(token);
  const special = (token: string) => ({ id: id(token), content: token, special: true, normalized: false });
  const flags = { single_word: false, lstrip: false, rstrip: false };
  const around = (token: string) => ({ SpecialToken: { id: token, type_id: 0 } });
  const used = (token: string) => [token, { id: token, ids: [id(token)], tokens: [token] }];
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: specialTokens.map((token) => ({ ...special(token), ...flags })),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [around("[CLS]"), { Sequence: { id: "A", type_id: 0 } }, around("[SEP]")],
      pair: [],
      special_tokens: Object.fromEntries([used("[CLS]"), used("[SEP]")]),
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((token, index) => [token, index])),
    },
  };
}

function networkOf({ vocabularySize, width, layers, seed, positions }: Shape & { seed: number }): Buffer {
  const random = seededRandom(seed);
  const heads = 4;
  const inner = width * 2;
  const nodes: OnnxNode[] = [];
  const constants: OnnxTensor[] = [];

  const op = (operator: string, inputs: string[], attributes?: OnnxNode["attributes"]): string => {
    const output = `${operator}_${nodes.length}`;
    nodes.push({ operator, inputs, outputs: [output], ...(attributes ? { attributes } : {}) });
    return output;
  };
  const constant = (data: Float32Array | BigInt64Array, dimensions: number[]): string => {
    const name = `constant_${constants.length}`;
    constants.push({ name, dimensions, data });
    return name;
  };
  const integers = (...values: number[]): string => constant(BigInt64Array.from(values, BigInt), [values.length]);
  const number = (value: number): string => constant(Float32Array.of(value), []);
  const weights = (dimensions: number[], scale: number): string => {
    const count = dimensions.reduce((product, size) => product * size, 1);
    return constant(
      Float32Array.from({ length: count }, () => (random() * 2 - 1) * scale),
      dimensions,
    );
  };
  const linear = (x: string, from: number, to: number): string => {
    return op("Add", [op("MatMul", [x, weights([from, to], 0.1)]), weights([to], 0.01)]);
  };
  const layerNorm = (x: string): string => {
    const ones = constant(new Float32Array(width).fill(1), [width]);
    const zeros = constant(new Float32Array(width), [width]);
    return op("LayerNormalization", [x, ones, zeros], { axis: -1, epsilon: { float: 1e-12 } });
  };

  const shape = op("Shape", ["input_ids"]);
  const [batch, length] = [0, 1].map((axis) => op("Gather", [shape, integers(axis)], { axis: 0 })) as [string, string];
  const split = op("Concat", [batch, length, integers(heads), integers(width / heads)], { axis: 0 });
  const join = op("Concat", [batch, length, integers(width)], { axis: 0 });
  const present = op("Unsqueeze", [op("Cast", ["attention_mask"], { to: 1 }), integers(1, 2)]);
  const mask = op("Mul", [op("Sub", [number(1), present]), number(-1e9)]);

  const place = op("Slice", [weights([positions, width], 0.01), integers(0), length, integers(0)]);
  const kind = op("Gather", [weights([2, width], 0.01), "token_type_ids"]);
  const word = op("Gather", [weights([vocabularySize, width], 1), "input_ids"]);
  let x = layerNorm(op("Add", [op("Add", [word, kind]), place]));

  for (let layer = 0; layer < layers; layer++) {
    const part = (perm: number[]): string =>
      op("Transpose", [op("Reshape", [linear(x, width, width), split])], { perm });
    const [query, key, value] = [part([0, 2, 1, 3]), part([0, 2, 3, 1]), part([0, 2, 1, 3])];
    const scores = op("Mul", [op("MatMul", [query, key]), number((width / heads) ** -0.5)]);
    const seen = op("MatMul", [op("Softmax", [op("Add", [scores, mask])], { axis: -1 }), value]);
    const joined = op("Reshape", [op("Transpose", [seen], { perm: [0, 2, 1, 3] }), join]);
    x = layerNorm(op("Add", [x, linear(joined, width, width)]));
    x = layerNorm(op("Add", [x, linear(op("Tanh", [linear(x, width, inner)]), inner, width)]));
  }
  nodes.push({ operator: "Identity", inputs: [x], outputs: ["last_hidden_state"] });

  const anyText = ["batch", "length"];
  return onnxModel({
    nodes,
    constants,
    inputs: ["input_ids", "attention_mask", "token_type_ids"].map((name) => ({
      name,
      type: "int64",
      dimensions: anyText,
    })),
    outputs: [{ name: "last_hidden_state", type: "float", dimensions: [...anyText, width] }],
  });
}
