import fc from "fast-check";
import { expect, it } from "vitest";
import { coarseOf, encodeVector, similarityOf, unitVector } from "../../src/memory/vector-code.ts";

const vectors = fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), { minLength: 1, maxLength: 40 });

it("keeps the direction of a vector in eleven bits a dimension, and most of it in the upper eight", () => {
  fc.assert(
    fc.property(vectors, (values) => {
      const vector = Float32Array.from(values);
      fc.pre(vector.some((value) => Math.abs(value) > 1e-30));
      const unit = unitVector(vector);
      const code = encodeVector(vector);
      expect(similarityOf(unit, code)).toBeGreaterThan(0.99999);
      const { upper, factor } = coarseOf(code, vector.length);
      const sum = upper.reduce((sum, value, index) => sum + (value + 0.5) * (unit[index] as number), 0);
      expect(sum * factor).toBeGreaterThan(0.999);
    }),
  );
});

it("takes a vector without direction for what it is", () => {
  expect(similarityOf(unitVector(Float32Array.of(1, 2, 3, 4, 5)), encodeVector(new Float32Array(5)))).toBe(0);
});

it("needs 1,056 bytes for 768 dimensions", () => {
  expect(encodeVector(new Float32Array(768)).length).toBe(1056);
});
