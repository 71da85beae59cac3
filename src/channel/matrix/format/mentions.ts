import type { Mentionable } from "./parse.ts";
import type { Inline } from "./tree.ts";

const server = "(?:[a-z0-9](?:[a-z0-9.\\-]{0,253}[a-z0-9])?|\\[[0-9a-f:.]{2,45}\\])(?::\\d{1,5})?";
const userId = `@[a-z0-9._=/+\\-]{1,200}:${server}`;
const wholeUserId = new RegExp(`^${userId}$`, "i");
const maxNameCharacters = 80;

/**
 * Puts a pill for each of `mentions` where the text has their full id or `@name`. Other ids become code: clients would
 * make pills of them, and ask their server who that is.
 */
export function splitMentions(text: string, mentions: readonly Mentionable[]): Inline[] {
  const names = mentions.map(({ name }) => escaped(name)).filter(Boolean);
  const wanted = new RegExp(
    `(?<![\\p{L}\\p{N}_@])(?:${[userId, ...names.map((name) => `@${name}(?![\\p{L}\\p{N}_:])`)].join("|")})`,
    "giu",
  );
  const inlines: Inline[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(wanted)) {
    inlines.push({ type: "text", text: text.slice(end, index) }, pillFor(found, mentions) ?? idAsCode(found));
    end = index + found.length;
  }
  inlines.push({ type: "text", text: text.slice(end) });
  return inlines.filter((inline) => inline.type !== "text" || inline.text !== "");
}

/** The pill that a link to a person is, code for a link to anybody or anything else on Matrix; undefined for others. */
export function pillFromLink(href: string, mentions: readonly Mentionable[]): Inline | undefined {
  const target = matrixTarget(href);
  if (target === undefined) return undefined;
  return pillFor(target, mentions) ?? idAsCode(target);
}

function matrixTarget(href: string): string | undefined {
  const [, encoded] = /^https?:[/\\]+(?:www\.)?matrix\.to(?::\d+)?[/\\]*#[/\\]*([^?]*)/i.exec(href) ?? [];
  if (encoded !== undefined) return decoded(encoded);
  const [, kind, id] = /^matrix:(u|user)\/([^?]*)/i.exec(href) ?? [];
  return kind && id ? `@${decoded(id)}` : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function pillFor(found: string, mentions: readonly Mentionable[]): Inline | undefined {
  const person = mentions.find(
    (each) => each.userId === found || `@${each.name}`.toLowerCase() === found.toLowerCase(),
  );
  if (!person || !wholeUserId.test(person.userId)) return undefined;
  return { type: "pill", userId: person.userId, name: shortName(person) };
}

function idAsCode(text: string): Inline {
  return { type: "code", text };
}

/** A display name is what its owner wrote: one line of it, and not for ever. */
function shortName({ name, userId }: Mentionable): string {
  const line = name.replace(/[\p{C}\s]+/gu, " ").trim();
  return [...line].slice(0, maxNameCharacters).join("") || userId;
}

function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}
