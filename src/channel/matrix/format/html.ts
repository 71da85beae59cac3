import type { Block, Inline } from "./tree.ts";

/** The subset of HTML that Matrix clients show. Everything in it that was text is escaped. */
export function htmlOf(blocks: readonly Block[]): string {
  const [only, ...others] = blocks;
  // A short answer reads as one line in a list of rooms; a paragraph around it would add space.
  if (only?.type === "paragraph" && others.length === 0) return inlineHtml(only.children);
  return blocks.map(blockHtml).join("\n");
}

function blockHtml(block: Block): string {
  switch (block.type) {
    case "paragraph":
      return `<p>${inlineHtml(block.children)}</p>`;
    case "heading":
      return `<h${block.depth}>${inlineHtml(block.children)}</h${block.depth}>`;
    case "code": {
      const language = block.language ? ` class="language-${escaped(block.language)}"` : "";
      return `<pre><code${language}>${escaped(block.text)}\n</code></pre>`;
    }
    case "quote":
      return `<blockquote>${block.children.map(blockHtml).join("\n")}</blockquote>`;
    case "list":
      return listHtml(block);
    case "table":
      return tableHtml(block);
    case "rule":
      return "<hr>";
    case "details":
      return `<details><summary>${inlineHtml(block.summary)}</summary>${block.children.map(blockHtml).join("\n")}</details>`;
  }
}

function listHtml({ start, tight, items }: Extract<Block, { type: "list" }>): string {
  const tag = start === undefined ? "ul" : "ol";
  const first = start !== undefined && start !== 1 ? ` start="${start}"` : "";
  const content = (block: Block) =>
    tight && block.type === "paragraph" ? inlineHtml(block.children) : blockHtml(block);
  return `<${tag}${first}>${items.map((item) => `<li>${item.map(content).join("\n")}</li>`).join("")}</${tag}>`;
}

function tableHtml({ head, rows }: Extract<Block, { type: "table" }>): string {
  const row = (cells: Inline[][], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${inlineHtml(cell)}</${tag}>`).join("")}</tr>`;
  const body = rows.length > 0 ? `<tbody>${rows.map((cells) => row(cells, "td")).join("")}</tbody>` : "";
  return `<table><thead>${row(head, "th")}</thead>${body}</table>`;
}

function inlineHtml(inlines: readonly Inline[]): string {
  return inlines.map(oneInline).join("");
}

function oneInline(inline: Inline): string {
  switch (inline.type) {
    case "text":
      return escaped(inline.text).replaceAll("\n", "<br>");
    case "code":
      return `<code>${escaped(inline.text)}</code>`;
    case "mark":
      return `<${inline.tag}>${inlineHtml(inline.children)}</${inline.tag}>`;
    case "link":
      return `<a href="${escaped(inline.href)}">${inlineHtml(inline.children)}${escaped(inline.suffix)}</a>`;
    case "pill":
      return `<a href="https://matrix.to/#/${escaped(idInPath(inline.userId))}">${escaped(inline.name)}</a>`;
    case "break":
      return "<br>";
  }
}

/** As Element writes it: some clients know no other form. */
function idInPath(userId: string): string {
  return encodeURIComponent(userId).replaceAll("%40", "@").replaceAll("%3A", ":");
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
