import type { Inline } from "./tree.ts";

type Size = (inlines: Inline[]) => number;

/** The inlines in parts of at most `maxBytes`, cut at lines, sentences or words; never within a character. */
export function splitInlines(inlines: readonly Inline[], size: Size, maxBytes: number): Inline[][] {
  const parts: Inline[][] = [];
  let part: Inline[] = [];
  let used = 0;
  for (const inline of inlines.flatMap((each) => cutToSize(each, size, maxBytes))) {
    const bytes = size([inline]);
    if (used + bytes > maxBytes && part.length > 0) {
      parts.push(part);
      part = [];
      used = 0;
    }
    part.push(inline);
    used += bytes;
  }
  if (part.length > 0) parts.push(part);
  return parts;
}

function cutToSize(inline: Inline, size: Size, maxBytes: number): Inline[] {
  if (size([inline]) <= maxBytes) return [inline];
  switch (inline.type) {
    case "text":
    case "code":
      return cutText(inline.text, (text) => size([{ ...inline, text }]), maxBytes).map((text) => ({ ...inline, text }));
    case "link":
      // An address that fills half a message is no address that anybody clicks.
      if (size([{ ...inline, children: [] }]) > maxBytes / 2)
        return [...inline.children, { type: "code", text: inline.href } as const].flatMap((each) =>
          cutToSize(each, size, maxBytes),
        );
      return wrapped(inline);
    case "mark":
      return wrapped(inline);
    default:
      return [inline];
  }

  function wrapped(outer: Extract<Inline, { children: Inline[] }>): Inline[] {
    const inner: Size = (children) => size([{ ...outer, children }]);
    return splitInlines(outer.children, inner, maxBytes).map((children) => ({ ...outer, children }));
  }
}

/** The text in pieces of at most `maxBytes` by `size`, which counts a byte or more for each character. */
export function cutText(text: string, size: (text: string) => number, maxBytes: number): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > maxBytes || size(rest) > maxBytes) {
    const piece = rest.slice(0, cutAt(rest, size, maxBytes));
    pieces.push(piece);
    rest = rest.slice(piece.length);
  }
  return rest === "" ? pieces : [...pieces, rest];
}

/** Where the longest beginning that fits may be cut; after one character at least, so that there is an end to it. */
function cutAt(text: string, size: (text: string) => number, maxBytes: number): number {
  let least = 1;
  let most = Math.min(text.length, maxBytes);
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (size(text.slice(0, middle)) <= maxBytes) least = middle;
    else most = middle - 1;
  }
  const beginning = text.slice(0, least);
  const good = [beginning.lastIndexOf("\n") + 1, beginning.lastIndexOf(". ") + 2, beginning.lastIndexOf(" ") + 1];
  return good.find((end) => end > least / 2) ?? beforePair(text, least);
}

/** Not between the two halves of one character. */
function beforePair(text: string, at: number): number {
  const isWithin = /[\ud800-\udbff]$/.test(text.slice(at - 1, at)) && /^[\udc00-\udfff]/.test(text.slice(at, at + 1));
  if (!isWithin) return at;
  return at > 1 ? at - 1 : 2;
}
