/** What stood where a pattern has a field. */
export type Fields = Readonly<Record<string, string>>;

/**
 * Holds a sentence against a pattern: `[please] write {text...} to {path}`. `{path}` is one word, `{text...}` any number
 * of them, `[please]` may be missing (never at the end). Case, quotes around a field and a full stop do not matter.
 */
export function fieldsOf(pattern: string, sentence: string): Fields | undefined {
  const match = expressionOf(pattern).exec(sentence.trim().replaceAll("’", "'"));
  if (!match) return undefined;
  return Object.fromEntries(Object.entries(match.groups ?? {}).map(([name, words]) => [name, unquoted(words ?? "")]));
}

/** A gap between two words, whole: with parts of it, a long one could be cut in very many ways. */
const gap = "(?<=\\S)\\s+(?=\\S)";

const expressions = new Map<string, RegExp>();

function expressionOf(pattern: string): RegExp {
  const known = expressions.get(pattern);
  if (known) return known;
  const tokens = pattern.match(/\[[^\]]+\]|\{[^}]+\}|[^\s[\]{}]+/g) ?? [];
  const source = tokens.map((token, index) => {
    if (token.startsWith("[")) return `(?:${literal(token.slice(1, -1))}${gap})?`;
    return sourceOf(token) + (index === tokens.length - 1 ? "" : gap);
  });
  const expression = new RegExp(`^${source.join("")}[.!?]*$`, "isu");
  expressions.set(pattern, expression);
  return expression;
}

function sourceOf(token: string): string {
  if (token.endsWith("...}")) return `(?<${token.slice(1, -4)}>.+?)`;
  if (token.startsWith("{")) return `(?<${token.slice(1, -1)}>\\S+?)`;
  return literal(token);
}

function literal(words: string): string {
  return words.replaceAll(/[.*+?^$()|\\/]/g, "\\$&").replaceAll(" ", gap);
}

function unquoted(words: string): string {
  return /^["'`“‘](.+)["'`”’]$/s.exec(words)?.[1] ?? words;
}
