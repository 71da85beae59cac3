/**
 * A vector in eleven bits a dimension: at eight, one in ten of the nearest is lost where many lie close together. The upper
 * eight bits of each come first, then the lower three, eight of them in three bytes. The length is left out: only the
 * direction counts.
 */
const most = 2 ** 10 - 1;

export function encodeVector(vector: Float32Array): Uint8Array {
  const dimension = vector.length;
  let largest = 0;
  for (let index = 0; index < dimension; index++) largest = Math.max(largest, Math.abs(vector[index] as number));
  const scale = largest > 0 ? most / largest : 0;

  const code = new Uint8Array(dimension + 3 * Math.ceil(dimension / 8));
  for (let first = 0, at = dimension; first < dimension; first += 8, at += 3) {
    let lower = 0;
    for (let index = first, shift = 0; index < Math.min(first + 8, dimension); index++, shift += 3) {
      const value = Math.round((vector[index] as number) * scale);
      code[index] = value >> 3;
      lower |= (value & 7) << shift;
    }
    code[at] = lower;
    code[at + 1] = lower >> 8;
    code[at + 2] = lower >> 16;
  }
  return code;
}

/** The cosine of a vector of unit length and one that was encoded; 0 when that has no direction. */
export function similarityOf(unit: Float32Array, code: Uint8Array): number {
  const dimension = unit.length;
  let sum = 0;
  let squares = 0;
  for (let first = 0, at = dimension; first < dimension; first += 8, at += 3) {
    let lower = (code[at] as number) | ((code[at + 1] as number) << 8) | ((code[at + 2] as number) << 16);
    for (let index = first; index < Math.min(first + 8, dimension); index++, lower >>= 3) {
      // Sign and upper bits move to the top, and back down with the sign.
      const value = (((code[index] as number) << 24) >> 21) | (lower & 7);
      sum += value * (unit[index] as number);
      squares += value * value;
    }
  }
  return sum / (Math.sqrt(squares) || 1);
}

/** The upper eight bits of each dimension, and what makes of a product with them, each half a step more, the similarity. */
export function coarseOf(code: Uint8Array, dimension: number): { upper: Int8Array; factor: number } {
  const upper = new Int8Array(code.buffer, code.byteOffset, dimension);
  let squares = 0;
  for (let index = 0; index < dimension; index++) squares += ((upper[index] as number) + 0.5) ** 2;
  return { upper, factor: 1 / Math.sqrt(squares) };
}

export function unitVector(vector: Float32Array): Float32Array {
  const factor = 1 / (Math.hypot(...vector) || 1);
  return vector.map((value) => value * factor);
}
