import { createHash } from "node:crypto";

/** JSON with sorted keys: the same arguments give the same text. */
export function canonical(value: unknown): string {
  const sorted = (_key: string, part: unknown): unknown =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part;
  return JSON.stringify(value, sorted) ?? "null";
}

/** SHA-256 of that, in hex. */
export function hashOf(value: unknown): string {
  return createHash("sha256").update(canonical(value)).digest("hex");
}
