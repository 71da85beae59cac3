/** A text as it will be shown: every address, name and character in it has been decided on. */
export type Block =
  | { type: "paragraph"; children: Inline[] }
  | { type: "heading"; depth: number; children: Inline[] }
  | { type: "code"; language?: string; text: string }
  | { type: "quote"; children: Block[] }
  /** `start`: the first number of an ordered list. `tight`: no space between the items. */
  | { type: "list"; start?: number; tight: boolean; items: Block[][] }
  | { type: "table"; head: Inline[][]; rows: Inline[][][] }
  | { type: "rule" }
  | { type: "details"; summary: Inline[]; children: Block[] };

export type Inline =
  | { type: "text"; text: string }
  | { type: "code"; text: string }
  | { type: "mark"; tag: "strong" | "em" | "del"; children: Inline[] }
  /** `suffix`: where it leads, for a label that does not say so. */
  | { type: "link"; href: string; children: Inline[]; suffix: string }
  | Pill
  | { type: "break" };

/** Somebody who is mentioned. */
export interface Pill {
  type: "pill";
  userId: string;
  name: string;
}

/** All that are mentioned in these blocks. */
export function pillsIn(blocks: readonly Block[]): Pill[] {
  return blocks.flatMap((block): Pill[] => {
    switch (block.type) {
      case "paragraph":
      case "heading":
        return inlinePills(block.children);
      case "quote":
        return pillsIn(block.children);
      case "list":
        return block.items.flatMap(pillsIn);
      case "table":
        return [block.head, ...block.rows].flat().flatMap(inlinePills);
      case "details":
        return [...inlinePills(block.summary), ...pillsIn(block.children)];
      default:
        return [];
    }
  });
}

function inlinePills(inlines: readonly Inline[]): Pill[] {
  return inlines.flatMap((inline) => {
    if (inline.type === "pill") return [inline];
    return "children" in inline ? inlinePills(inline.children) : [];
  });
}

/** The words alone. */
export function textOf(inlines: readonly Inline[]): string {
  return inlines
    .map((inline) => {
      if (inline.type === "break") return "\n";
      if (inline.type === "pill") return inline.name;
      return "children" in inline ? textOf(inline.children) : inline.text;
    })
    .join("");
}
