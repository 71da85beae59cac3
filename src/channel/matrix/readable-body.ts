import { z } from "zod";
import { cleanText, decodeEntities } from "./format/clean.ts";

const contentSchema = z.object({
  body: z.string().catch(""),
  formatted_body: z.string().optional().catch(undefined),
  "m.relates_to": z
    .looseObject({ "m.in_reply_to": z.looseObject({}).optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

/** Clients stop here as well; what is nested deeper is not shown. */
const maxDepth = 100;
const unclosed = new Set(["br", "hr", "img", "input", "meta", "link", "wbr", "col"]);
/** What is not text in the sense of its reader. `mx-reply`: a quote for clients that know no replies. */
const unread = new Set(["script", "style", "mx-reply", "template", "iframe", "title", "head"]);
const ownLine = new Set("p div blockquote pre ul ol table tr h1 h2 h3 h4 h5 h6 hr details summary caption".split(" "));

/**
 * What a person's message says, as plain text: its body, or the words of its HTML where it has no body. Without the
 * quote that older clients put before a reply. Nothing in it is fetched or run.
 */
export function readableBody(content: unknown): string {
  const { success, data } = contentSchema.safeParse(content);
  if (!success) return "";
  const isReply = data["m.relates_to"]?.["m.in_reply_to"] !== undefined;
  const body = cleanText(data.body);
  const said = isReply ? withoutQuote(body) : body;
  return (said.trim() === "" ? cleanText(textOfHtml(data.formatted_body ?? "")) : said).trim();
}

function withoutQuote(body: string): string {
  if (!/^> ?<@|^> \* <@/.test(body)) return body;
  const lines = body.split("\n");
  const end = lines.findIndex((line) => !line.startsWith(">"));
  return end === -1 ? "" : lines.slice(end).join("\n").replace(/^\n/, "");
}

/** Reads tags from left to right; what is not closed is closed at the end. */
function textOfHtml(html: string): string {
  const open: string[] = [];
  let text = "";
  const isRead = () => open.length <= maxDepth && !open.some((tag) => unread.has(tag));
  for (const [, comment, closing, name, plain] of html.matchAll(
    /(<!--[\s\S]*?(?:-->|$)|<[!?][^>]*>?)|<(\/?)([a-zA-Z][a-zA-Z0-9-]*)(?:"[^"<]*"|'[^'<]*'|[^'"<>])*>|([^<]+|<)/g,
  )) {
    if (comment) continue;
    if (plain !== undefined) {
      if (isRead()) text += decodeEntities(plain);
      continue;
    }
    const tag = (name ?? "").toLowerCase();
    if (isRead()) text += spaceFor(tag, closing === "/");
    if (closing) {
      const at = open.lastIndexOf(tag);
      if (at !== -1) open.length = at;
    } else if (!unclosed.has(tag) && open.length <= maxDepth) open.push(tag);
  }
  return text.replace(/[ \t]*\n[ \t]*/g, "\n").replace(/\n{3,}/g, "\n\n");
}

function spaceFor(tag: string, closing: boolean): string {
  if (tag === "br" || ownLine.has(tag)) return "\n";
  if (tag === "li") return closing ? "" : "\n- ";
  return tag === "td" || tag === "th" ? " " : "";
}
