import { cutText, splitInlines } from "./split-inline.ts";
import type { Block, Inline } from "./tree.ts";

/** Bytes that this takes as JSON. An upper bound of two things side by side is the sum of both. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** How many bytes a block takes when it stands where it stands. */
export type Size = (block: Block) => number;

/** The blocks in as few parts as there need be, none over `maxBytes`; too large a block is cut where it hurts least. */
export function packBlocks(blocks: readonly Block[], size: Size, maxBytes: number): Block[][] {
  const parts: Block[][] = [];
  let part: Block[] = [];
  let used = 0;
  const flush = () => {
    if (part.length > 0) parts.push(part);
    part = [];
    used = 0;
  };
  for (const block of blocks.flatMap((each) => cutToSize(each, size, maxBytes))) {
    const bytes = size(block);
    if (used + bytes > maxBytes) {
      // A heading stays with what it is the heading of.
      const heading = part.length > 1 && part.at(-1)?.type === "heading" ? part.pop() : undefined;
      flush();
      if (heading && size(heading) + bytes <= maxBytes) {
        part = [heading];
        used = size(heading);
      } else if (heading) parts.push([heading]);
    }
    part.push(block);
    used += bytes;
  }
  flush();
  return parts;
}

function cutToSize(block: Block, size: Size, maxBytes: number): Block[] {
  if (size(block) <= maxBytes) return [block];
  switch (block.type) {
    case "paragraph":
    case "heading":
      return splitInlines(block.children, (children) => size({ ...block, children }), maxBytes).map((children) => ({
        ...block,
        children,
      }));
    case "code":
      return cutText(block.text, (text) => size({ ...block, text }), maxBytes).map((text) => ({
        ...block,
        text: text.replace(/\n$/, ""),
      }));
    case "quote":
    case "details":
      return packBlocks(block.children, (child) => size({ ...block, children: [child] }), maxBytes).map((children) => ({
        ...block,
        children,
      }));
    case "list":
      return cutList(block, size, maxBytes);
    case "table":
      return cutTable(block, size, maxBytes);
    case "rule":
      return [block];
  }
}

/** Each piece goes on with the number that it has. What of an item does not fit stands after it. */
function cutList(list: Extract<Block, { type: "list" }>, size: Size, maxBytes: number): Block[] {
  const numbered = (index: number, items: Block[][]): Block => ({
    ...list,
    ...(list.start !== undefined && { start: list.start + index }),
    items,
  });
  const result: Block[] = [];
  let items: Block[][] = [];
  let used = 0;
  const flush = (next: number) => {
    if (items.length > 0) result.push(numbered(next - items.length, items));
    items = [];
    used = 0;
  };
  for (const [index, item] of list.items.entries()) {
    const itemSize = (own: Block[]) => size(numbered(index, [own]));
    const bytes = itemSize(item);
    if (used + bytes > maxBytes) flush(index);
    if (bytes <= maxBytes) {
      items.push(item);
      used += bytes;
      continue;
    }
    const [first = [], ...others] = packBlocks(item, (child) => itemSize([child]), maxBytes);
    result.push(numbered(index, [first]), ...others.flat());
  }
  flush(list.items.length);
  return result;
}

/** Each piece has the head. A row that is too large for any piece is told cell by cell. */
function cutTable(table: Extract<Block, { type: "table" }>, size: Size, maxBytes: number): Block[] {
  const headBytes = size({ ...table, rows: [] });
  const result: Block[] = [];
  let rows: Inline[][][] = [];
  let used = 0;
  const flush = () => {
    if (rows.length > 0) result.push({ ...table, rows });
    rows = [];
    used = 0;
  };
  for (const row of table.rows) {
    const bytes = size({ ...table, rows: [row] });
    if (bytes > maxBytes) {
      flush();
      result.push(...row.flatMap((cell, index) => cutToSize(labelled(table.head[index] ?? [], cell), size, maxBytes)));
      continue;
    }
    if (used + bytes > maxBytes) flush();
    rows.push(row);
    used += rows.length === 1 ? bytes : bytes - headBytes;
  }
  if (table.rows.length === 0)
    result.push(...table.head.flatMap((cell) => cutToSize(labelled([], cell), size, maxBytes)));
  flush();
  return result;
}

function labelled(head: Inline[], cell: Inline[]): Block {
  const label: Inline[] = head.length > 0 ? [{ type: "mark", tag: "strong", children: head }] : [];
  return { type: "paragraph", children: [...label, ...(head.length > 0 ? [colon] : []), ...cell] };
}

const colon: Inline = { type: "text", text: ": " };
