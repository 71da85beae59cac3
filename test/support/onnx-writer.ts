/** The few parts of ONNX's protobuf that a small network needs, as bytes. */

export type OnnxType = "float" | "int64";
type AttributeValue = number | { float: number } | readonly number[];

export interface OnnxNode {
  operator: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes?: Record<string, AttributeValue>;
}

export interface OnnxTensor {
  name: string;
  dimensions: readonly number[];
  data: Float32Array | BigInt64Array;
}

/** A dimension that is a word may have any length. */
export interface OnnxPort {
  name: string;
  type: OnnxType;
  dimensions: readonly (number | string)[];
}

export interface OnnxGraph {
  nodes: readonly OnnxNode[];
  constants: readonly OnnxTensor[];
  inputs: readonly OnnxPort[];
  outputs: readonly OnnxPort[];
}

const elementTypes: Record<OnnxType, number> = { float: 1, int64: 7 };
const operatorSet = 17;
const formatVersion = 8;

export function onnxModel({ nodes, constants, inputs, outputs }: OnnxGraph): Buffer {
  const graph = [
    ...nodes.map((node) => message(1, nodeBytes(node))),
    text(2, "graph"),
    ...constants.map((tensor) => message(5, tensorBytes(tensor))),
    ...inputs.map((port) => message(11, portBytes(port))),
    ...outputs.map((port) => message(12, portBytes(port))),
  ];
  return Buffer.concat([
    integer(1, formatVersion),
    message(7, graph),
    message(8, [text(1, ""), integer(2, operatorSet)]),
  ]);
}

function nodeBytes({ operator, inputs, outputs, attributes = {} }: OnnxNode): Buffer[] {
  return [
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, operator),
    ...Object.entries(attributes).map(([name, value]) => message(5, [text(1, name), ...attributeBytes(value)])),
  ];
}

function attributeBytes(value: AttributeValue): Buffer[] {
  const [float, int, ints] = [1, 2, 7];
  if (typeof value === "number") return [integer(3, value), integer(20, int)];
  if ("float" in value) return [single(2, value.float), integer(20, float)];
  return [...value.map((item) => integer(8, item)), integer(20, ints)];
}

function tensorBytes({ name, dimensions, data }: OnnxTensor): Buffer[] {
  const type = data instanceof Float32Array ? elementTypes.float : elementTypes.int64;
  const raw = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return [...dimensions.map((size) => integer(1, size)), integer(2, type), text(8, name), message(9, [raw])];
}

function portBytes({ name, type, dimensions }: OnnxPort): Buffer[] {
  const sizes = dimensions.map((size) => message(1, [typeof size === "number" ? integer(1, size) : text(2, size)]));
  return [text(1, name), message(2, [message(1, [integer(1, elementTypes[type]), message(2, sizes)])])];
}

const wireTypes = { varint: 0, bytes: 2, fixed32: 5 };

function message(field: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([varint((field << 3) | wireTypes.bytes), varint(body.length), body]);
}

function text(field: number, value: string): Buffer {
  return message(field, [Buffer.from(value)]);
}

function integer(field: number, value: number): Buffer {
  return Buffer.concat([varint((field << 3) | wireTypes.varint), varint(value)]);
}

function single(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([varint((field << 3) | wireTypes.fixed32), bytes]);
}

/** Seven bits a byte, the lowest first; a negative number has ten bytes. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}
