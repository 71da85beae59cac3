import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeVector, dotProduct, encodeVector, unitVector } from "../../src/memory/vector-code.ts";

const vectors = fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), { minLength: 1, maxLength: 40 });

function roundTrip(vector: Float32Array): Float32Array {
  const decoded = new Float32Array(vector.length);
  decodeVector(encodeVector(vector), decoded);
  return decoded;
}

it("keeps the direction of a vector in eleven bits a dimension", () => {
  fc.assert(
    fc.property(vectors, (values) => {
      const vector = Float32Array.from(values);
      fc.pre(vector.some((value) => Math.abs(value) > 1e-30));
      const decoded = roundTrip(vector);
      expect(dotProduct(decoded, decoded)).toBeCloseTo(1, 5);
      expect(dotProduct(unitVector(vector), decoded)).toBeGreaterThan(0.99999);
    }),
  );
});

it("takes a vector without direction for what it is", () => {
  expect([...roundTrip(new Float32Array(5))]).toEqual([0, 0, 0, 0, 0]);
});

it("needs 1,056 bytes for 768 dimensions", () => {
  expect(encodeVector(new Float32Array(768)).length).toBe(1056);
});
