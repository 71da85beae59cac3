import type { Token, Tokens } from "marked";
import { alterAddresses, splitAddresses } from "./addresses.ts";
import { cleanText, decodeEntities, withoutRoomPing } from "./clean.ts";
import { linkOf } from "./link.ts";
import { splitMentions } from "./mentions.ts";
import type { ParseOptions } from "./parse.ts";
import { type Inline, textOf } from "./tree.ts";

const maxDepth = 12;

/** `inLink`: within the label of a link, where no other link can stand. */
interface Place {
  depth: number;
  inLink: boolean;
}

/** The inline part of markdown. HTML in it is text. */
export function inlinesOf(tokens: readonly Token[], options: ParseOptions): Inline[] {
  const place = { depth: 0, inLink: false };
  const inlines = within(tokens, options, place);
  const flat = textOf(inlines);
  if (!options.isAllowedLink || alterAddresses(flat, options.isAllowedLink) === flat) return inlines;
  // An address in pieces, some of them emphasised: whole again, it is altered.
  return settled(flat, options, place);
}

function within(tokens: readonly Token[], options: ParseOptions, place: Place): Inline[] {
  const raw = tokens.flatMap((token) => inlineOf(token, options, place));
  // Side by side they are one text for whoever reads it, so they are looked at as one: `https:` and `\//` and a host.
  return merged(raw).flatMap((inline) => (inline.type === "text" ? settled(inline.text, options, place) : [inline]));
}

function inlineOf(token: Token, options: ParseOptions, place: Place): Inline[] {
  if (place.depth >= maxDepth) return [text(token.raw)];
  const inside = (own: Partial<Place> = {}) =>
    within(token.type !== "text" && "tokens" in token ? (token.tokens ?? []) : [], options, {
      ...place,
      ...own,
      depth: place.depth + 1,
    });
  switch (token.type) {
    case "strong":
    case "em":
    case "del":
      return [{ type: "mark", tag: token.type, children: inside() }];
    case "codespan":
      return [codeOf(token.text, options)];
    case "br":
      return [{ type: "break" }];
    case "checkbox":
      return [text(token.checked ? "☑ " : "☐ ")];
    case "link": {
      const { href, autolink } = token as Tokens.Link & { autolink?: boolean };
      if (place.inLink) return inside();
      return linkOf({ href, written: autolink ? token.text : undefined, children: inside({ inLink: true }) }, options);
    }
    case "image": {
      const alt = [text(decodeEntities((token as Tokens.Image).text).trim() || "image")];
      const children = alt.flatMap((each) => settled(each.text, options, { ...place, inLink: true }));
      return place.inLink ? children : linkOf({ href: token.href, children }, options);
    }
    case "html":
    case "escape":
      return [text(token.type === "html" ? token.raw : token.text)];
    default:
      if ("tokens" in token && token.tokens) return inside();
      return [text(decodeEntities("text" in token ? String(token.text) : token.raw))];
  }
}

/** Text with all in it that is more than words: who is mentioned, other ids, addresses that must not be followed. */
function settled(raw: string, { mentions = [], isAllowedLink }: ParseOptions, { inLink }: Place): Inline[] {
  const safe = withoutRoomPing(cleanText(raw));
  const inlines: Inline[] = inLink ? [text(safe)] : splitMentions(safe, mentions);
  if (!isAllowedLink) return inlines;
  return inlines.flatMap((inline): Inline[] => {
    if (inline.type === "code") return [{ ...inline, text: alterAddresses(inline.text, isAllowedLink) }];
    if (inline.type !== "text") return [inline];
    return splitAddresses(inline.text, isAllowedLink).map((piece) =>
      piece.altered && !inLink ? { type: "code", text: piece.text } : text(piece.text),
    );
  });
}

function codeOf(raw: string, { isAllowedLink }: ParseOptions): Inline {
  const safe = withoutRoomPing(raw);
  return { type: "code", text: isAllowedLink ? alterAddresses(safe, isAllowedLink) : safe };
}

function merged(inlines: readonly Inline[]): Inline[] {
  const result: Inline[] = [];
  for (const inline of inlines) {
    const last = result.at(-1);
    if (inline.type === "text" && last?.type === "text") result[result.length - 1] = text(last.text + inline.text);
    else result.push(inline);
  }
  return result;
}

function text(value: string): Extract<Inline, { type: "text" }> {
  return { type: "text", text: value };
}
