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

/** Puts the vector of unit length into `vector`; all zeros when it has no direction. */
export function decodeVector(code: Uint8Array, vector: Float32Array): void {
  const dimension = vector.length;
  let squares = 0;
  for (let first = 0, at = dimension; first < dimension; first += 8, at += 3) {
    let lower = (code[at] as number) | ((code[at + 1] as number) << 8) | ((code[at + 2] as number) << 16);
    for (let index = first; index < Math.min(first + 8, dimension); index++, lower >>= 3) {
      // Sign and upper bits move to the top, and back down with the sign.
      const value = (((code[index] as number) << 24) >> 21) | (lower & 7);
      vector[index] = value;
      squares += value * value;
    }
  }
  const factor = 1 / (Math.sqrt(squares) || 1);
  for (let index = 0; index < dimension; index++) (vector[index] as number) *= factor;
}

export function unitVector(vector: Float32Array): Float32Array {
  const factor = 1 / (Math.sqrt(dotProduct(vector, vector)) || 1);
  return vector.map((value) => value * factor);
}

export function dotProduct(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index] as number) * (b[index] as number);
  return sum;
}
