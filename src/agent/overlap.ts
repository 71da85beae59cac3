/** How many characters in a row two texts must share for one to count as taken from the other. */
export const sharedCharacters = 20;

/** Texts, kept so that what another text shares with them is found without reading them again. */
export interface TextIndex {
  add(text: string): void;
  /**
   * For each stretch of 20 characters of a text, by where it begins: 1 where it stands in the index as well. The text
   * and what was added are compared as `normalised` gives them.
   */
  stretchesIn(normal: string): Uint8Array;
}

/**
 * Whether any text within `value` (strings at any depth, keys too) shares 20 characters in a row with the index. Letter
 * case, spacing, punctuation and compatibility forms do not count, nor does what stands in `except` as well.
 */
export function sharesText(value: unknown, index: TextIndex, except?: TextIndex): boolean {
  return stringsIn(value).some((text) => {
    const normal = normalised(text);
    const shared = index.stretchesIn(normal);
    if (!shared.includes(1)) return false;
    const excepted = except?.stretchesIn(normal);
    return shared.some((flag, at) => flag === 1 && excepted?.[at] !== 1);
  });
}

/** Letters and digits only, in one form. */
export function normalised(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "");
}

function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => [key, ...stringsIn(part)]);
}

/** Of every `stride` places one is kept, with the characters that follow: each stretch of 20 holds such a sample whole. */
const sampleCharacters = 12;
const stride = sharedCharacters - sampleCharacters + 1;

/** All texts one after the other, and a hash table of the samples: two bytes a character and one more for the table. */
export function createTextIndex(texts: Iterable<string> = []): TextIndex {
  let characters = new Uint16Array(256);
  let length = 0;
  /** The number of the newest sample of each hash, plus one; and of each sample, the one before it with its hash. */
  let newest = new Int32Array(64);
  let older = new Int32Array(32);
  let samples = 0;

  function add(text: string): void {
    const normal = normalised(text);
    if (normal.length < sharedCharacters) return;
    if (length + normal.length + 1 > characters.length)
      characters = grown(characters, new Uint16Array(2 * (length + normal.length + 1)));
    for (let at = 0; at < normal.length; at++) characters[length + at] = normal.charCodeAt(at);
    length += normal.length + 1; // A zero ends each text: no letter is one.
    while (samples * stride + sampleCharacters <= length) keepSample();
  }

  function keepSample(): void {
    if (samples === older.length) widen();
    link(samples++);
  }

  function widen(): void {
    older = grown(older, new Int32Array(2 * older.length));
    newest = new Int32Array(2 * newest.length);
    for (let sample = 0; sample < samples; sample++) link(sample);
  }

  function link(sample: number): void {
    const slot = hashAt((at) => characters[at] as number, sample * stride) & (newest.length - 1);
    older[sample] = newest[slot] as number;
    newest[slot] = sample + 1;
  }

  /** How many characters are the same from here on, one way, up to what a stretch can have beside its sample. */
  function same(normal: string, from: number, at: number, step: 1 | -1, most: number): number {
    let count = 0;
    while (count < most && from + count * step >= 0 && at + count * step >= 0) {
      if (normal.charCodeAt(from + count * step) !== characters[at + count * step]) break;
      count++;
    }
    return count;
  }

  function stretchesIn(normal: string): Uint8Array {
    const found = new Uint8Array(Math.max(0, normal.length - sharedCharacters + 1));
    if (samples === 0) return found;
    for (let from = 0; found.length > 0 && from + sampleCharacters <= normal.length; from++) {
      const first = Math.max(0, from - stride + 1);
      const last = Math.min(from, found.length - 1);
      const slot = hashAt((at) => normal.charCodeAt(at), from) & (newest.length - 1);
      let open = found.subarray(first, last + 1).includes(0);
      for (let sample = newest[slot] as number; open && sample > 0; sample = older[sample - 1] as number) {
        const at = (sample - 1) * stride;
        const after = same(normal, from, at, 1, sharedCharacters);
        if (after < sampleCharacters) continue;
        const before = same(normal, from - 1, at - 1, -1, stride - 1);
        const end = Math.min(last, from + after - sharedCharacters);
        for (let begin = from - before; begin <= end; begin++) found[begin] = 1;
        open = found.subarray(first, last + 1).includes(0);
      }
    }
    return found;
  }

  for (const text of texts) add(text);
  return { add, stretchesIn };
}

function hashAt(characterAt: (at: number) => number, from: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < from + sampleCharacters; at++) hash = Math.imul(hash ^ characterAt(at), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function grown<A extends Uint16Array | Int32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
