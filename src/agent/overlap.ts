/** How many characters in a row two texts must share for one to count as taken from the other. */
export const sharedCharacters = 20;

/**
 * Whether any text within `value` (strings at any depth, keys too) shares 20 characters in a row with one of `sources`.
 * Letter case, spacing, punctuation and compatibility forms do not count, nor does what `except` says as well.
 */
export function sharesText(value: unknown, sources: readonly string[], except: readonly string[] = []): boolean {
  const runs = new Set(sources.flatMap((source) => [...runsOf(source)]));
  for (const text of runs.size > 0 ? except : []) for (const run of runsOf(text)) runs.delete(run);
  if (runs.size === 0) return false;
  return runs.size > 0 && stringsIn(value).some((text) => runsOf(text).some((run) => runs.has(run)));
}

/** Every stretch of 20 normalised characters. */
function* runsOf(text: string): Generator<string> {
  const normal = text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
  for (let start = 0; start + sharedCharacters <= normal.length; start++)
    yield normal.slice(start, start + sharedCharacters);
}

function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => [key, ...stringsIn(part)]);
}
