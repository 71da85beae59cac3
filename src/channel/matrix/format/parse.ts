import { Marked, type Token, type Tokens } from "marked";
import { alterAddresses, type IsAllowedLink } from "./addresses.ts";
import { cleanText, withoutRoomPing } from "./clean.ts";
import { inlinesOf } from "./parse-inline.ts";
import type { Block, Inline } from "./tree.ts";

export interface Mentionable {
  userId: string;
  /** What a pill for them says. */
  name: string;
}

export interface ParseOptions {
  mentions?: readonly Mentionable[];
  isAllowedLink?: IsAllowedLink;
}

const marked = new Marked({ gfm: true });
/** Clients stop at a hundred tags; nobody writes more levels than this. */
const maxDepth = 12;

/** Markdown from the model as what will be shown of it. Never throws; a text that is not blank gives a block. */
export function parseMarkdown(markdown: string, options: ParseOptions = {}): Block[] {
  const text = cleanText(markdown);
  if (text.trim() === "") return [];
  try {
    const blocks = blocksOf(marked.lexer(text), options, 0);
    if (blocks.length > 0) return blocks;
  } catch {
    // Nested beyond reason: the text itself is better than nothing.
  }
  return [asText(text, options)];
}

function blocksOf(tokens: readonly Token[], options: ParseOptions, depth: number): Block[] {
  return tokens.flatMap((token) => blockOf(token, options, depth) ?? []);
}

function blockOf(token: Token, options: ParseOptions, depth: number): Block | undefined {
  if (depth >= maxDepth) return asText(token.raw, options);
  switch (token.type) {
    case "space":
    case "def":
    case "checkbox":
      return undefined;
    case "heading":
      return { type: "heading", depth: token.depth, children: inlinesOf(token.tokens ?? [], options) };
    case "code":
      return codeOf(token as Tokens.Code, options);
    case "blockquote":
      return { type: "quote", children: blocksOf(token.tokens ?? [], options, depth + 1) };
    case "list":
      return listOf(token as Tokens.List, options, depth);
    case "table":
      return tableOf(token as Tokens.Table, options);
    case "hr":
      return { type: "rule" };
    case "html":
      return asText(token.raw, options);
    default:
      return {
        type: "paragraph",
        children: inlinesOf("tokens" in token && token.tokens ? token.tokens : [token], options),
      };
  }
}

function codeOf({ text, lang }: Tokens.Code, { isAllowedLink }: ParseOptions): Block {
  const language = /^[\w+#-]{1,40}/.exec(lang ?? "")?.[0];
  const shown = withoutRoomPing(text.replace(/\n+$/, ""));
  return {
    type: "code",
    ...(language && { language }),
    text: isAllowedLink ? alterAddresses(shown, isAllowedLink) : shown,
  };
}

function listOf({ items, ordered, start, loose }: Tokens.List, options: ParseOptions, depth: number): Block {
  return {
    type: "list",
    ...(ordered && { start: Math.min(Number(start) || 0, 999_999_999) }),
    tight: !loose,
    items: items.map((item) => withCheckbox(item, blocksOf(item.tokens, options, depth + 1))),
  };
}

/** Matrix has no boxes to tick. */
function withCheckbox({ task, checked, loose }: Tokens.ListItem, blocks: Block[]): Block[] {
  if (!task || loose) return blocks;
  const box: Inline = { type: "text", text: checked ? "☑ " : "☐ " };
  const [first, ...others] = blocks;
  if (first?.type !== "paragraph") return [{ type: "paragraph", children: [box] }, ...blocks];
  return [{ type: "paragraph", children: [box, ...first.children] }, ...others];
}

function tableOf({ header, rows }: Tokens.Table, options: ParseOptions): Block {
  const cells = (row: Tokens.TableCell[]) => row.map(({ tokens }) => inlinesOf(tokens, options));
  return { type: "table", head: cells(header), rows: rows.map(cells) };
}

function asText(raw: string, options: ParseOptions): Block {
  const text = raw.trim();
  return { type: "paragraph", children: inlinesOf([{ type: "html", raw: text, text } as Tokens.HTML], options) };
}
