import type { Random } from "./random.ts";

/** What parsers of all kinds stumble over. */
const hard = [
  ...[
    "\u0000",
    "\n",
    "\r\n",
    "\t",
    " ",
    "\u00a0",
    "\u00ad",
    "\u200b",
    "\u202e",
    "\u2028",
    "\ufeff",
    "\ufffd",
    "\uffff",
  ],
  ...[
    "\ud800",
    "\udfff",
    "\u{e0041}",
    "\u{1f600}",
    "e\u0301",
    "\u212a",
    "\u3002",
    "\uff0e",
    "\uff0f",
    "\uff3c",
    "ß",
    "İ",
  ],
  ...[
    "%00",
    "%2e",
    "%2F",
    "%",
    "%zz",
    "%c0%ae",
    "..",
    "/",
    "//",
    "\\",
    "?",
    "#",
    "@",
    ":",
    "[",
    "]",
    "{",
    "}",
    "<",
    ">",
  ],
  ...['"', "'", "`", "\\u0000", "\\ud800", "&#0;", "&#x110000;", "-1", "1e999", "0x7f", "NaN", "null", "__proto__"],
  ...["constructor", "toString", "xn--", "9".repeat(400), "a".repeat(3_000), "[".repeat(2_000), '{"a":'.repeat(1_000)],
];

/** The text with up to eight things wrong with it; now and then as it was. */
export function spoil(text: string, random: Random, ownPieces: readonly string[] = []): string {
  let spoiled = text;
  for (let left = random.below(9); left > 0; left -= 1) {
    const at = random.below(spoiled.length + 1);
    const end = Math.min(spoiled.length, at + random.below(random.pick([2, 8, 40])));
    const [before, cut, after] = [spoiled.slice(0, at), spoiled.slice(at, end), spoiled.slice(end)];
    const piece = random.chance(0.4) && ownPieces.length > 0 ? random.pick(ownPieces) : random.pick(hard);
    const one = random.pick([
      () => before + after,
      () => before + piece + after,
      () => before + piece + cut + after,
      () => before + cut + cut + after,
      () => after + before,
      () => before + String.fromCodePoint(random.below(0x11_0000)) + after,
      () => before + cut.toUpperCase() + after,
    ]);
    spoiled = one().slice(0, 100_000);
  }
  return spoiled;
}

/** The bytes of a stream with something wrong with them. */
export function spoilBytes(bytes: Buffer, random: Random): Buffer {
  const spoiled = Buffer.from(bytes);
  for (let left = random.below(4); left > 0 && spoiled.length > 0; left -= 1)
    spoiled[random.below(spoiled.length)] = random.below(256);
  return random.chance(0.2) ? spoiled.subarray(0, random.below(spoiled.length + 1)) : spoiled;
}

/** A value as JSON may hold it: of no form that anybody expects. */
export function someJson(random: Random, depth = 0): unknown {
  const kind = random.below(depth > 4 ? 6 : 8);
  if (kind === 0) return random.pick([null, true, false]);
  if (kind === 1) return random.pick([0, -1, 1.5, 1e308, 2 ** 53, random.below(1_000)]);
  if (kind <= 5) return random.chance(0.5) ? random.pick(hard) : spoil("some text", random);
  const items = Array.from({ length: random.below(5) }, () => someJson(random, depth + 1));
  return kind === 6 ? items : Object.fromEntries(items.map((item) => [spoil("key", random), item]));
}

/** The value with parts of it gone, doubled, or replaced by values of another form. */
export function spoilJson(value: unknown, random: Random): unknown {
  if (random.chance(0.06)) return someJson(random);
  if (typeof value === "string") return random.chance(0.3) ? spoil(value, random) : value;
  if (Array.isArray(value)) {
    const kept = value.filter(() => !random.chance(0.05)).map((item) => spoilJson(item, random));
    return random.chance(0.05) ? [...kept, ...kept] : kept;
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .filter(() => !random.chance(0.06))
    .map(([key, item]) => [random.chance(0.04) ? spoil(key, random) : key, spoilJson(item, random)]);
  return Object.fromEntries(entries);
}
