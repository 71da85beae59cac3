import { Marked, type Token, type Tokens } from "marked";
import { clean } from "./clean.ts";
import { inlineLines } from "./markdown-inline.ts";
import { tableLines } from "./markdown-table.ts";
import { type Line, paint, type Style, span, wrap } from "./spans.ts";

const marked = new Marked({ gfm: true });
const narrowest = 8;

/** Markdown as the lines of a terminal, none wider than `columns`. What it holds cannot reach for the terminal. */
export function markdownLines(text: string, columns: number, style: Style = {}): string[] {
  const safe = clean(text);
  return layOut(safe, Math.max(columns, narrowest), style).map((line) => paint(line));
}

function layOut(text: string, columns: number, style: Style): Line[] {
  try {
    return blocks(marked.lexer(text), columns, style);
  } catch {
    // Nested beyond reason: the text itself is better than nothing.
    return text.split("\n").flatMap((line) => wrap([span(line, style)], columns));
  }
}

function blocks(tokens: readonly Token[], columns: number, style: Style, between: readonly Line[] = [[]]): Line[] {
  const shown = tokens.filter(({ type }) => type !== "space" && type !== "def");
  return shown.flatMap((token, index) => [...(index > 0 ? between : []), ...block(token, columns, style)]);
}

function block(token: Token, columns: number, style: Style): Line[] {
  switch (token.type) {
    case "heading":
      return paragraph(token.tokens ?? [], columns, {
        ...style,
        bold: true,
        ...(token.depth <= 2 && { color: "cyan" }),
      });
    case "code":
      return code(token as Tokens.Code, columns);
    case "blockquote":
      return prefixed([span("│ ", { dim: true })], undefined, (inner) =>
        blocks(token.tokens ?? [], inner, { ...style, italic: true }),
      )(columns);
    case "list":
      return list(token as Tokens.List, columns, style);
    case "table":
      return tableLines(token as Tokens.Table, columns, style);
    case "hr":
      return [[span("─".repeat(Math.min(columns, 40)), { dim: true })]];
    case "html":
      return token.text
        .trimEnd()
        .split("\n")
        .flatMap((line: string) => wrap([span(line, style)], columns));
    default:
      return paragraph("tokens" in token && token.tokens ? token.tokens : [token], columns, style);
  }
}

function paragraph(tokens: readonly Token[], columns: number, style: Style): Line[] {
  return inlineLines(tokens, style).flatMap((line) => wrap(line, columns));
}

function code({ text, lang }: Tokens.Code, columns: number): Line[] {
  const lines = text
    .replace(/\n+$/, "")
    .replaceAll("\t", "    ")
    .split("\n")
    .flatMap((line) => wrap([span(line, { color: "yellow" })], columns - 2))
    .map((line) => [span("  "), ...line]);
  return lang ? [[span(`  ${lang}`, { dim: true })], ...lines] : lines;
}

function list({ items, ordered, start, loose }: Tokens.List, columns: number, style: Style): Line[] {
  const first = Number(start) || 1;
  const widest = ordered ? String(first + items.length - 1).length + 2 : 2;
  const between: Line[] = loose ? [[]] : [];
  return items.flatMap((item, index) => {
    const bullet = ordered ? `${first + index}.`.padStart(widest - 1) : "•";
    const content = (inner: number) => blocks(item.tokens, inner, style, between);
    const lines = prefixed([span(`${bullet} `, { dim: true })], span(" ".repeat(widest)), content)(columns);
    return [...(index > 0 ? between : []), ...lines];
  });
}

/** Puts `first` before the first line of the content, and `rest` (or the same again) before the others. */
function prefixed(first: Line, rest: Line[number] | undefined, content: (columns: number) => Line[]) {
  return (columns: number): Line[] => {
    const width = first.reduce((sum, { text }) => sum + text.length, 0);
    const lines = content(Math.max(columns - width, narrowest));
    return (lines.length > 0 ? lines : [[]]).map((line, index) => [...(index > 0 && rest ? [rest] : first), ...line]);
  };
}
