import type { Token } from "marked";
import { type Line, type Span, type Style, span } from "./spans.ts";

const entities: Record<string, string> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&nbsp;": " ",
};

/** The inline part of markdown; a line of it for each line of the source, not yet wrapped. */
export function inlineLines(tokens: readonly Token[], style: Style): Line[] {
  const lines: Span[][] = [[]];
  for (const { text, style: own } of tokens.flatMap((token) => spansOf(token, style))) {
    for (const [index, part] of text.split("\n").entries()) {
      if (index > 0) lines.push([]);
      if (part !== "") lines.at(-1)?.push(span(part, own));
    }
  }
  return lines;
}

function spansOf(token: Token, style: Style): Span[] {
  const inside = (own: Style) => {
    const children: Token[] = "tokens" in token && token.tokens ? token.tokens : [];
    return children.length > 0 ? children.flatMap((child) => spansOf(child, own)) : [span(plain(token), own)];
  };
  switch (token.type) {
    case "strong":
      return inside({ ...style, bold: true });
    case "em":
      return inside({ ...style, italic: true });
    case "del":
      return inside({ ...style, strike: true });
    case "codespan":
      return [span(token.text, { ...style, color: "yellow" })];
    case "br":
      return [span("\n", style)];
    case "checkbox":
      return [span(token.checked ? "☑ " : "☐ ", style)];
    case "link":
    case "image":
      return [...inside({ ...style, underline: true }), ...address(token.href, token.text)];
    default:
      return inside(style);
  }
}

/** Where a link leads is always said, unless it is what the link says. */
function address(href: string, text: string): Span[] {
  const isSaid = [text, `mailto:${text}`, `http://${text}`].includes(href);
  return isSaid ? [] : [span(` (${href})`, { dim: true })];
}

function plain(token: Token): string {
  const text = "text" in token ? String(token.text) : token.raw;
  return text
    .replace(/&(?:amp|lt|gt|quot|#39|nbsp);/g, (entity) => entities[entity] ?? entity)
    .replaceAll("\t", "    ");
}
