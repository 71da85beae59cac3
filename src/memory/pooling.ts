export interface PoolingOptions {
  /** The mean of all tokens, or the first one. */
  pooling: "mean" | "cls";
  /** Normalised over its own numbers before it is brought to unit length. */
  layerNorm: boolean;
}

/** One vector of unit length from the network's output: `width` numbers a token, one token after the other. */
export function pooled(
  tokens: Float32Array,
  width: number,
  { pooling, layerNorm }: PoolingOptions,
): Float32Array<ArrayBuffer> {
  const vector = pooling === "cls" ? tokens.slice(0, width) : mean(tokens, width);
  if (layerNorm) normaliseLayer(vector);
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (!Number.isFinite(length) || length === 0) throw new Error("The embedding model gave no usable numbers.");
  return vector.map((value) => value / length);
}

function mean(tokens: Float32Array, width: number): Float32Array<ArrayBuffer> {
  const count = tokens.length / width;
  const average = new Float32Array(width);
  for (let column = 0; column < width; column++) {
    let sum = 0;
    for (let place = column; place < tokens.length; place += width) sum += tokens[place] ?? 0;
    average[column] = sum / count;
  }
  return average;
}

function normaliseLayer(vector: Float32Array): void {
  const epsilon = 1e-5;
  const average = vector.reduce((sum, value) => sum + value, 0) / vector.length;
  const variance = vector.reduce((sum, value) => sum + (value - average) ** 2, 0) / vector.length;
  const deviation = Math.sqrt(variance + epsilon);
  for (const [index, value] of vector.entries()) vector[index] = (value - average) / deviation;
}
