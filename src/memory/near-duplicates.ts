/** Two texts say the same that have so large a share of their pairs of words in common, of all that either has. */
const sameShare = 0.7;

/** Gives a function that tells whether a text says much the same as one before it; one that does not is remembered. */
export function createIsSaid(): (text: string) => boolean {
  const sizes: number[] = [];
  const withPair = new Map<string, number[]>();

  return (text) => {
    const pairs = pairsOf(text);
    const common = new Map<number, number>();
    for (const pair of pairs)
      for (const index of withPair.get(pair) ?? []) common.set(index, (common.get(index) ?? 0) + 1);
    for (const [index, count] of common)
      if (count >= sameShare * (pairs.size + (sizes[index] ?? 0) - count)) return true;

    for (const pair of pairs) withPair.set(pair, [...(withPair.get(pair) ?? []), sizes.length]);
    sizes.push(pairs.size);
    return false;
  };
}

/**
 * Words that follow each other, the first and the last with nothing beside them; each with all numbers of the text: what
 * gives other numbers says something else.
 */
function pairsOf(text: string): Set<string> {
  const words = ["", ...(text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []), ""];
  const numbers = words.filter((word) => /\p{N}/u.test(word)).join(" ");
  return new Set(words.slice(1).map((word, index) => `${numbers}: ${words[index]} ${word}`));
}
