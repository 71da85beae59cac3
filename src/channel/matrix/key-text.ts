import type { Key } from "./indexeddb.ts";

/** A key of IndexedDB as a text: equal keys give equal texts. */
export function textOfKey(key: Key): string {
  return JSON.stringify(plain(key));
}

/** The key that such a text stands for. */
export function keyOfText(text: string): Key {
  return keyOf(JSON.parse(text));
}

type Plain = string | number | { date: number } | { bytes: string } | Plain[];

function plain(key: Key): Plain {
  if (typeof key === "string" || typeof key === "number") return key;
  if (Array.isArray(key)) return key.map(plain);
  if (key instanceof Date) return { date: key.getTime() };
  const bytes = key instanceof ArrayBuffer ? Buffer.from(key) : Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  return { bytes: bytes.toString("base64") };
}

function keyOf(value: Plain): Key {
  if (typeof value === "string" || typeof value === "number") return value;
  if (Array.isArray(value)) return value.map(keyOf);
  if ("date" in value) return new Date(value.date);
  return Uint8Array.from(Buffer.from(value.bytes, "base64")).buffer;
}
