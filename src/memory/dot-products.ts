/**
 * Sums of products of many rows of bytes with one row of numbers, a few times as fast as a loop in JavaScript: it is
 * WebAssembly, which has instructions for several products at once. A row has `width` bytes, a multiple of eight.
 */
export interface DotProducts {
  /** Room for rows; what is in it stays when it grows, but the array is another one then. */
  rows(): Int8Array;
  grow(rowCount: number): void;
  /** The sums of the rows from one to before another, of which there are `mostAtOnce` or fewer. Holds until the next call. */
  of(numbers: Int16Array, from: number, to: number): Int32Array;
}

export const mostAtOnce = 16_384;

const pageBytes = 65_536;
const sumsAt = pageBytes;
const rowsAt = sumsAt + 4 * mostAtOnce;

export function createDotProducts(width: number): DotProducts {
  if (width % 8 !== 0 || 2 * width > sumsAt) throw new RangeError(`No rows of ${width} bytes can be multiplied.`);
  const memory = new Memory({ initial: rowsAt / pageBytes });
  const { multiply } = new Instance(new Module(moduleBytes()), { js: { memory } }).exports;

  return {
    rows: () => new Int8Array(memory.buffer, rowsAt),
    grow(rowCount) {
      const missing = Math.ceil((rowsAt + rowCount * width) / pageBytes) - memory.buffer.byteLength / pageBytes;
      if (missing > 0) memory.grow(missing);
    },
    of(numbers, from, to) {
      // Every time: another search may have put its own there.
      new Int16Array(memory.buffer, 0, width).set(numbers);
      multiply(rowsAt + from * width, rowsAt + to * width, width, sumsAt);
      return new Int32Array(memory.buffer, sumsAt, to - from);
    },
  };
}

/** As far as it is used here: Node's types leave it out. */
interface WebAssemblyParts {
  Memory: new (size: { initial: number }) => { buffer: ArrayBuffer; grow(pages: number): number };
  Module: new (bytes: Uint8Array) => object;
  Instance: new (
    module: object,
    imports: object,
  ) => { exports: { multiply(row: number, last: number, width: number, sums: number): void } };
}

const { Memory, Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyParts }).WebAssembly;

const [i32, v128] = [0x7f, 0x7b];
const [get, set, tee] = [0x20, 0x21, 0x22];
const [block, loop, branch, branchIf, end] = [[0x02, 0x40], [0x03, 0x40], 0x0c, 0x0d, 0x0b];
const [constant, add, shiftLeft, isLess, isNotLess] = [0x41, 0x6a, 0x74, 0x49, 0x4f];
const store = [0x36, 2, 0];
const zeros = [0xfd, 0x0c, ...new Array<number>(16).fill(0)];
const loadEight = [0xfd, 0x00, 0, 0];
const loadEightBytes = [0xfd, 0x01, 0, 0];
const productsInPairs = [0xfd, 0xba, 1];
const addFour = [0xfd, 0xae, 1];
const lane = (index: number): number[] => [0xfd, 0x1b, index];

/**
 * `multiply(row, last, width, sums)`: for each row, from the one at address `row` to before `last`, its sum is written, from
 * `sums` on. The numbers lie at address 0. The comments say what is done, the bytes say it to the machine.
 */
function moduleBytes(): Uint8Array {
  const [row, last, width, sums, at, four] = [0, 1, 2, 3, 4, 5] as const;
  const body = [
    ...[2, 1, i32, 1, v128], // `at`, and `four`: sums that become one in the end
    ...block,
    ...loop,
    ...[get, row, get, last, isNotLess, branchIf, 1], // while row < last:
    ...[...zeros, set, four, constant, 0, set, at], //   four = 0; at = 0
    ...loop, //   do:
    ...[get, row, get, at, add, ...loadEightBytes], //     eight of the row
    ...[get, at, constant, 1, shiftLeft, ...loadEight], //     times eight numbers
    ...[...productsInPairs, get, four, ...addFour, set, four], //     into four
    ...[get, at, constant, 8, add, tee, at, get, width, isLess, branchIf, 0], //     at += 8; while at < width
    end,
    ...[get, sums],
    ...[get, four, ...lane(0), get, four, ...lane(1), add, get, four, ...lane(2), add, get, four, ...lane(3), add],
    ...store, //   *sums = all four
    ...[get, sums, constant, 4, add, set, sums], //   sums += 4
    ...[get, row, get, width, add, set, row, branch, 0], //   row += width
    ...[end, end, end],
  ];
  return Uint8Array.from([
    ...[0, ...Buffer.from("asm"), 1, 0, 0, 0],
    ...section(1, [0x60, 4, i32, i32, i32, i32, 0]), // the type of the function
    ...section(2, [...named("js"), ...named("memory"), 2, 0, 1]), // the memory that it is given
    ...section(3, [0]), // the function,
    ...section(7, [...named("multiply"), 0, 0]), // its name
    ...section(10, sized(body)), // and what it does
  ]);
}

/** A section of one item. */
function section(kind: number, item: readonly number[]): number[] {
  return [kind, ...sized([1, ...item])];
}

function named(name: string): number[] {
  return sized([...Buffer.from(name)]);
}

/** With its length before it, seven bits to a byte. */
function sized(bytes: readonly number[]): number[] {
  return [(bytes.length & 127) | 128, bytes.length >> 7, ...bytes];
}
