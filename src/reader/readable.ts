import { Readability } from "@mozilla/readability";
import { parseHTML } from "linkedom";
import type { PageDocument, PageElement } from "./dom.ts";
import { removeHidden } from "./hidden.ts";
import { toMarkdown } from "./markdown.ts";

export interface ReadablePage {
  title: string;
  /** Markdown. */
  text: string;
}

/** Nothing that a person has written is nested deeper, and the time of what follows grows with the depth. */
const deepest = 100;
/** A shorter article is taken for a miss: the page as a whole says more. */
const shortestArticle = 250;

/**
 * What Readability would spend a third of its time on, and need not: what is hidden is gone before, and links are made
 * whole with the markdown. Should it call these steps something else one day, it is slower and nothing more.
 */
const leftOut = {
  _isProbablyVisible: (element: PageElement) =>
    element.getAttribute("aria-hidden") !== "true" || /fallback-image/.test(element.className),
  _fixRelativeUris() {},
};

/** What a page says to its reader: the article where there is one, else all of it; without what it does not show. */
export function readPage(html: string, address: string): ReadablePage {
  const document = shownDocument(html);
  const title = (firstOf(document, "title")?.textContent ?? "").replace(/\s+/g, " ").trim();
  const base = baseOf(document, address);
  const depth = removeHidden(document);
  if (depth > deepest) return { title, text: plainText(document) };
  const readability = new Readability(document as unknown as Document, {
    keepClasses: true,
    serializer: (element) => element as unknown as PageElement,
  });
  const article = Object.assign(readability, leftOut).parse();
  const text = article?.content ? toMarkdown(article.content, base) : "";
  if (text.length >= shortestArticle) return { title, text };
  // Its work has taken the document apart.
  const whole = shownDocument(html);
  removeHidden(whole);
  return { title, text: toMarkdown(whole.body, base) };
}

function plainText({ body }: PageDocument): string {
  return (body.textContent ?? "").replace(/\s*\n\s*/g, "\n").trim();
}

function shownDocument(html: string): PageDocument {
  return parseHTML(framed(html)).document as unknown as PageDocument;
}

/** The parser wants the tags that a page may leave out. */
function framed(html: string): string {
  if (/<body[\s>]/i.test(html)) return /<html[\s>]/i.test(html) ? html : `<!doctype html><html>${html}</html>`;
  const [front = ""] = /^[\s\S]*<\/head\s*>/i.exec(html) ?? /^[\s\S]{0,4000}?<html(?:\s[^>]*)?>/i.exec(html) ?? [];
  const inner = `<body>${html.slice(front.length)}</body>`;
  return front.includes("<html") ? front + inner : `<!doctype html><html>${front}${inner}</html>`;
}

function baseOf(document: PageDocument, address: string): string {
  const href = firstOf(document, "base")?.getAttribute("href") ?? "";
  return URL.canParse(href, address) ? new URL(href, address).href : address;
}

function firstOf(document: PageDocument, name: string): PageElement | undefined {
  const [first] = document.getElementsByTagName(name);
  return first;
}
