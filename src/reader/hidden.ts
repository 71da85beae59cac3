import { commentNode, isElement, type PageDocument, type PageElement, type PageNode } from "./dom.ts";

/**
 * Takes out of a document what a page shows to nobody: its words would reach the model alone. Gives the depth of what is
 * left, in elements.
 */
export function removeHidden(document: PageDocument): number {
  const hiding = hiddenByStyleSheet(document);
  const doomed: PageNode[] = [];
  let deepest = 0;
  const open: [first: PageNode | null, depth: number][] = [[document.documentElement.firstChild, 1]];
  for (let one = open.pop(); one; one = open.pop()) {
    const [first, depth] = one;
    for (let node = first; node; node = node.nextSibling) {
      if (node.nodeType === commentNode) doomed.push(node);
      if (!isElement(node)) continue;
      deepest = Math.max(deepest, depth);
      if (isHidden(node, hiding)) doomed.push(node);
      else if (node.firstChild) open.push([node.firstChild, depth + 1]);
    }
  }
  for (const node of doomed) node.remove();
  return deepest;
}

const neverShown = new Set([
  ...["SCRIPT", "STYLE", "TEMPLATE", "NOSCRIPT", "IFRAME", "OBJECT", "EMBED", "SVG", "CANVAS", "AUDIO", "VIDEO"],
  ...["LINK", "META", "TITLE", "MATH-ANNOTATION", "DATALIST", "DIALOG"],
]);

interface Hiding {
  classes: ReadonlySet<string>;
  ids: ReadonlySet<string>;
}

function isHidden(element: PageElement, { classes, ids }: Hiding): boolean {
  const name = element.tagName.toUpperCase();
  if (neverShown.has(name)) return name !== "DIALOG" || !element.hasAttribute("open");
  // Pages hide themselves until their scripts have run, and we run none.
  if (name === "HTML" || name === "BODY" || name === "HEAD") return false;
  if (!element.hasAttributes()) return false;
  if (element.hasAttribute("hidden")) return true;
  if (name === "INPUT" && element.getAttribute("type")?.toLowerCase() === "hidden") return true;
  if (ids.size > 0 && ids.has(element.id)) return true;
  if (classes.size > 0 && element.className.split(/\s+/).some((one) => classes.has(one))) return true;
  const style = element.getAttribute("style");
  return style !== null && hides(style);
}

const zero = "0*(?:\\.0*)?(?:px|r?em|ex|ch|pt|pc|%|v[wh]|cm|mm|in)?";
const hidingDeclarations = [
  /(?:^|;)display:none(?:!|;|$)/,
  /(?:^|;)visibility:(?:hidden|collapse)(?:!|;|$)/,
  /(?:^|;)content-visibility:hidden(?:!|;|$)/,
  /(?:^|;)opacity:0*(?:\.0*)?%?(?:!|;|$)/,
  new RegExp(`(?:^|;)font-size:${zero}(?:!|;|$)`),
  new RegExp(`(?:^|;)font:(?:[^;]* )?${zero}(?:[/ !;]|$)`),
  /(?:^|;)color:(?:transparent|rgba\([^)]*,0*(?:\.0*)?\)|#[0-9a-f]{3}0|#[0-9a-f]{6}00)(?:!|;|$)/,
  /(?:^|;)text-indent:-\d{3,}/,
  /(?:^|;)(?:left|right|top|bottom|margin-left|margin-top):-\d{3,}/,
  /(?:^|;)clip:rect\(0[^;]*\)/,
  /(?:^|;)clip-path:(?:inset\((?:50|100)%|circle\(0)/,
  /(?:^|;)transform:scale\(0/,
];

/** Whether these declarations make an element invisible. */
function hides(style: string): boolean {
  const declarations = style
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .toLowerCase()
    .replace(/\s*([:;,!()])\s*/g, "$1")
    .replace(/\s+/g, " ")
    .trim();
  if (hidingDeclarations.some((pattern) => pattern.test(declarations))) return true;
  const value = (name: string) => new RegExp(`(?:^|;)${name}:([^;!]+)`).exec(declarations)?.[1];
  const color = value("color");
  if (color !== undefined && (color === value("background-color") || color === value("background"))) return true;
  const isFlat = [value("height"), value("width"), value("max-height"), value("max-width")].some(
    (size) => size !== undefined && /^[01]?(?:\.0*)?(?:px)?$/.test(size),
  );
  return isFlat && value("overflow") === "hidden";
}

/** The classes and ids that the page's own style sheets hide at once, where a rule names nothing else. */
function hiddenByStyleSheet(document: PageDocument): Hiding {
  const classes = new Set<string>();
  const ids = new Set<string>();
  for (const { textContent } of document.getElementsByTagName("style")) {
    for (const [selectors, declarations] of plainRules(textContent ?? "")) {
      if (!hides(declarations)) continue;
      for (const selector of selectors.split(",")) {
        const [, kind, name = ""] = /^\s*[a-z0-9]*([.#])([\w-]+)\s*$/i.exec(selector) ?? [];
        if (kind === ".") classes.add(name);
        if (kind === "#") ids.add(name);
      }
    }
  }
  return { classes, ids };
}

/** Rules outside of @media and its like, which may not hold here. */
function* plainRules(sheet: string): Generator<[selectors: string, declarations: string]> {
  let depth = 0;
  let from = 0;
  let selectors = "";
  for (const { 0: sign, index } of sheet.replace(/\/\*[\s\S]*?\*\//g, "").matchAll(/[{}]/g)) {
    const text = sheet.slice(from, index);
    if (sign === "{" && depth === 0) selectors = text;
    if (sign === "}" && depth === 1 && !selectors.trimStart().startsWith("@")) yield [selectors, text];
    depth = Math.max(0, depth + (sign === "{" ? 1 : -1));
    from = index + 1;
  }
}
