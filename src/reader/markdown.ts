import { childrenOf, elementsIn, isElement, type PageElement, type PageNode, textNode } from "./dom.ts";

/** An element's content as markdown. Images are left out, and with them what only stands in their attributes. */
export function toMarkdown(root: PageElement, base: string): string {
  const lines = blocks(root, { base, indent: "" });
  return lines
    .join("\n")
    .replace(/[ \t]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

interface Place {
  /** What relative links are seen from. */
  base: string;
  /** Before each line: of a list or a quotation. */
  indent: string;
}

const blockNames = new Set([
  ...["ADDRESS", "ARTICLE", "ASIDE", "BLOCKQUOTE", "BODY", "CENTER", "DD", "DETAILS", "DIV", "DL", "DT", "FIELDSET"],
  ...["FIGCAPTION", "FIGURE", "FOOTER", "FORM", "H1", "H2", "H3", "H4", "H5", "H6", "HEADER", "HGROUP", "HR", "HTML"],
  ...["LI", "MAIN", "NAV", "OL", "P", "PRE", "SECTION", "SUMMARY", "TABLE", "UL", "LEGEND", "SEARCH"],
]);

const nameOf = (element: PageElement): string => element.tagName.toUpperCase();

/** The lines of everything in an element; an empty one between paragraphs. */
function blocks(parent: PageElement, place: Place): string[] {
  const lines: string[] = [];
  let inline = "";
  const flush = (): void => {
    const text = tidy(inline);
    if (text !== "") for (const line of [...indented(text, place.indent), place.indent.trimEnd()]) lines.push(line);
    inline = "";
  };
  for (const child of childrenOf(parent)) {
    if (isElement(child) && isBlock(child)) {
      flush();
      for (const line of block(child, place)) lines.push(line);
    } else inline += inlineOf(child, place.base);
  }
  flush();
  return lines;
}

/** An inline element around blocks counts as one. */
function isBlock(element: PageElement): boolean {
  if (blockNames.has(nameOf(element))) return true;
  for (const child of elementsIn(element)) if (isBlock(child)) return true;
  return false;
}

function block(element: PageElement, place: Place): string[] {
  const name = nameOf(element);
  if (/^H[1-6]$/.test(name)) return heading(element, Number(name[1]), place);
  switch (name) {
    case "PRE":
      return [...indented(fenced(element), place.indent), place.indent.trimEnd()];
    case "UL":
    case "OL":
      return list(element, place);
    case "LI": // Outside of a list.
      return item(element, "-", place);
    case "BLOCKQUOTE":
      return [...blocks(element, { ...place, indent: `${place.indent}> ` }), place.indent.trimEnd()];
    case "TABLE":
      return table(element, place);
    case "HR":
      return [`${place.indent}---`, place.indent.trimEnd()];
    default:
      return blocks(element, place);
  }
}

function heading(element: PageElement, level: number, { base, indent }: Place): string[] {
  const text = tidy(inlineOf(element, base)).replaceAll("\n", " ");
  return text === "" ? [] : [`${indent}${"#".repeat(level)} ${text}`, indent.trimEnd()];
}

function list(element: PageElement, place: Place): string[] {
  const lines: string[] = [];
  let number = Number(element.getAttribute("start") ?? 1) || 1;
  for (const child of elementsIn(element)) {
    const mark = nameOf(element) === "OL" ? `${number++}.` : "-";
    for (const line of item(child, mark, place)) lines.push(line);
  }
  return [...lines, place.indent.trimEnd()];
}

/** The mark before the first line, as much room before the others. */
function item(element: PageElement, mark: string, { base, indent }: Place): string[] {
  const inner = `${indent}${" ".repeat(mark.length + 1)}`;
  const lines = blocks(element, { base, indent: inner }).filter((line) => line.trim() !== "");
  const [first] = lines;
  if (first === undefined) return [];
  return [`${indent}${mark} ${first.slice(inner.length)}`, ...lines.slice(1)];
}

function fenced(element: PageElement): string {
  const code = (element.textContent ?? "").replace(/^\n|\s+$/g, "");
  const classes = [element, ...elementsIn(element)].map((one) => one.getAttribute("class") ?? "").join(" ");
  const language = /\blang(?:uage)?-([\w+#-]{1,20})/.exec(classes)?.[1] ?? "";
  const longest = (code.match(/`{3,}/g) ?? []).reduce((most, ticks) => Math.max(most, ticks.length), 2);
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${code}\n${fence}`;
}

function table(element: PageElement, place: Place): string[] {
  const rows = rowsOf(element).map((row) => [...elementsIn(row)]);
  const width = rows.reduce((most, cells) => Math.max(most, cells.length), 0);
  // A table of one column only arranges: what is in it stands on its own.
  if (width <= 1) return rows.flat().flatMap((cell) => blocks(cell, place));
  const line = (texts: string[]) =>
    `${place.indent}| ${Array.from({ length: width }, (_, at) => texts[at] ?? "").join(" | ")} |`;
  const [head = "", ...rest] = rows.map((cells) => line(cells.map((cell) => cellText(cell, place.base))));
  const caption = [...elementsIn(element)].find((child) => nameOf(child) === "CAPTION");
  const above = caption ? [`${place.indent}${tidy(inlineOf(caption, place.base))}`, place.indent.trimEnd()] : [];
  return [...above, head, line(Array<string>(width).fill("---")), ...rest, place.indent.trimEnd()];
}

/** Without those of tables in its cells. */
function rowsOf(element: PageElement): PageElement[] {
  return [...elementsIn(element)].flatMap((child) => {
    if (nameOf(child) === "TR") return [child];
    return /^T(?:HEAD|BODY|FOOT)$/.test(nameOf(child)) ? rowsOf(child) : [];
  });
}

function cellText(cell: PageElement, base: string): string {
  return blocks(cell, { base, indent: "" }).join(" ").replace(/\s+/g, " ").replaceAll("|", "\\|").trim();
}

function inlineOf(node: PageNode, base: string): string {
  if (node.nodeType === textNode) return (node.textContent ?? "").replace(/[ \t\r\n\f]+/g, " ");
  if (!isElement(node)) return "";
  const name = nameOf(node);
  if (name === "BR") return "\n";
  if (name === "IMG" || name === "PICTURE") return "";
  if (name === "CODE" || name === "KBD" || name === "SAMP")
    return wrapped((node.textContent ?? "").replace(/\s+/g, " "), "`");
  let text = "";
  for (const child of childrenOf(node)) text += inlineOf(child, base);
  if (name === "A") return linked(text, node.getAttribute("href"), base);
  if (name === "STRONG" || name === "B") return wrapped(text, "**");
  if (name === "EM" || name === "I") return wrapped(text, "*");
  if (name === "DEL" || name === "S") return wrapped(text, "~~");
  if (name === "Q") return `“${text}”`;
  if (name === "SUP" && /^\s*\d+\s*$/.test(text)) return `^${text.trim()}`;
  return text;
}

function linked(text: string, href: string | null, base: string): string {
  const shown = text.trim().replace(/\s+/g, " ");
  const url = shown === "" || href === null || href.startsWith("#") ? null : URL.parse(href, base);
  if (!url || !/^(?:https?|mailto):$/.test(url.protocol)) return text;
  return text.replace(text.trim(), () => `[${shown}](${url.href.replaceAll("(", "%28").replaceAll(")", "%29")})`);
}

/** The marks stand at the words, not at the spaces around them. */
function wrapped(text: string, mark: string): string {
  const inner = text.trim();
  return inner === "" || inner.includes(mark) ? text : text.replace(inner, () => `${mark}${inner}${mark}`);
}

function tidy(text: string): string {
  return text
    .replace(/ *\n */g, "\n")
    .replace(/ {2,}/g, " ")
    .trim();
}

function indented(text: string, indent: string): string[] {
  return text.split("\n").map((line) => indent + line);
}
