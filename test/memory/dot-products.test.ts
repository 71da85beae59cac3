import { expect, it } from "vitest";
import { createDotProducts, mostAtOnce } from "../../src/memory/dot-products.ts";
import { seededRandom } from "../support/seeded-random.ts";

it.each([8, 384, 1_024])(
  "multiplies rows of %i bytes as plain arithmetic does, at both ends of what they may be",
  (width) => {
    const random = seededRandom(width);
    const products = createDotProducts(width);
    products.grow(300);
    const rows = products.rows();
    for (let at = 0; at < 300 * width; at++) rows[at] = Math.floor(random() * 256) - 128;
    rows.fill(-128, 0, width);
    const numbers = Int16Array.from({ length: width }, () => Math.floor(random() * 8_191) - 4_095);
    numbers.fill(4_095, 0, width / 2);
    const plain = Array.from({ length: 200 }, (_, index) =>
      numbers.reduce((sum, value, at) => sum + value * (rows[(index + 100) * width + at] as number), 0),
    );
    expect([...products.of(numbers, 100, 300)]).toEqual(plain);
    expect(products.of(numbers, 0, 1)[0]).toBe(numbers.reduce((sum, value) => sum - 128 * value, 0));
  },
);

it("keeps what is there when it grows", () => {
  const products = createDotProducts(8);
  products.grow(1);
  products.rows().set([1, 2, 3, 4, 5, 6, 7, 8]);
  products.grow(10 * mostAtOnce);
  expect(products.rows().length).toBeGreaterThanOrEqual(80 * mostAtOnce);
  expect([...products.of(new Int16Array(8).fill(10), 0, 2)]).toEqual([360, 0]);
});

it("takes no rows that are not of whole eights", () => {
  expect(() => createDotProducts(12)).toThrow(RangeError);
});
