/** Where `text` stops being JSON, counted from 1; undefined when it is JSON. The engine itself does not always say. */
export function findJsonError(text: string): { line: number; column: number } | undefined {
  const offset = errorOffset(text);
  if (offset === undefined) return undefined;
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

const scalar =
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** What is nested deeper counts as an error: nobody meant it, and reading it would take all of the stack. */
const deepest = 500;

function errorOffset(text: string): number | undefined {
  let at = 0;
  let depth = 0;

  const skipSpace = () => {
    while (/[ \t\r\n]/.test(text.charAt(at))) at++;
  };
  const take = (character: string): boolean => {
    skipSpace();
    if (text[at] !== character) return false;
    at++;
    return true;
  };
  const string = (): boolean => {
    skipSpace();
    return text[at] === '"' && plain();
  };
  const plain = (): boolean => {
    scalar.lastIndex = at;
    const match = scalar.exec(text);
    at += match?.[0].length ?? 0;
    return match !== null;
  };
  const list = (close: string, item: () => boolean): boolean => {
    if (take(close)) return true;
    do if (!item()) return false;
    while (take(","));
    return take(close);
  };
  const value = (): boolean => {
    skipSpace();
    if (depth === deepest) return false;
    depth += 1;
    const isGood = take("{")
      ? list("}", () => string() && take(":") && value())
      : take("[")
        ? list("]", value)
        : plain();
    depth -= 1;
    return isGood;
  };

  if (!value()) return at;
  skipSpace();
  return at < text.length ? at : undefined;
}
