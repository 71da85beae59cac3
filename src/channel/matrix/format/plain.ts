import { alterAddresses, type IsAllowedLink } from "./addresses.ts";
import { withoutRoomPing } from "./clean.ts";
import { type Block, type Inline, textOf } from "./tree.ts";

/** For clients and notifications that show no HTML. */
export function plainOf(blocks: readonly Block[], isAllowedLink?: IsAllowedLink): string {
  // Words that stood apart by their emphasis are one here, so they are looked at again.
  const text = withoutRoomPing(blocksPlain(blocks));
  return isAllowedLink ? alterAddresses(text, isAllowedLink) : text;
}

function blocksPlain(blocks: readonly Block[], between = "\n\n"): string {
  return blocks.map(blockPlain).join(between);
}

function blockPlain(block: Block): string {
  switch (block.type) {
    case "paragraph":
    case "heading":
      return inlinePlain(block.children);
    case "code":
      return `\`\`\`${block.language ?? ""}\n${block.text}\n\`\`\``;
    case "quote":
      return prefixed("> ", "> ", blocksPlain(block.children));
    case "list":
      return listPlain(block);
    case "table":
      return [block.head, ...block.rows].map((cells) => cells.map(inlinePlain).join(" | ")).join("\n");
    case "rule":
      return "———";
    case "details":
      return [inlinePlain(block.summary), blocksPlain(block.children)].filter(Boolean).join("\n\n");
  }
}

function listPlain({ start, tight, items }: Extract<Block, { type: "list" }>): string {
  const between = tight ? "\n" : "\n\n";
  return items
    .map((item, index) => {
      const bullet = start === undefined ? "• " : `${start + index}. `;
      return prefixed(bullet, " ".repeat(bullet.length), blocksPlain(item, between));
    })
    .join(between);
}

function prefixed(first: string, rest: string, text: string): string {
  return first + text.replaceAll("\n", `\n${rest}`);
}

function inlinePlain(inlines: readonly Inline[]): string {
  return inlines.map(oneInline).join("");
}

function oneInline(inline: Inline): string {
  switch (inline.type) {
    case "text":
      return inline.text;
    case "code":
      return `\`${inline.text}\``;
    case "mark":
      return inlinePlain(inline.children);
    case "link":
      return linkPlain(inline);
    case "pill":
      return inline.name;
    case "break":
      return "\n";
  }
}

function linkPlain({ href, children }: Extract<Inline, { type: "link" }>): string {
  const label = textOf(children);
  const isSaid = [label, `mailto:${label}`, `http://${label}`, `${label}/`, `http://${label}/`].includes(href);
  return isSaid ? label : `${inlinePlain(children)} (${href})`;
}
