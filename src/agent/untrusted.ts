import { randomBytes } from "node:crypto";

/**
 * Puts text of foreign origin between markers with a random id, so that the model can tell it from everything else.
 * What could pass for a marker, a chat template's control token or hidden text is taken out of it first.
 */
export function markUntrusted(text: string, source: string, id = newMarker()): string {
  return `<untrusted-${id} source=${JSON.stringify(source)}>\n${cleaned(text)}\n</untrusted-${id}>`;
}

/** A random id, for text that is to have the same markers in every request. */
export function newMarker(): string {
  return randomBytes(6).toString("hex");
}

/** The same text whenever the same was marked: without the random ids. */
export function withoutMarkerIds(text: string): string {
  return text.replace(/(<\/?untrusted)-[0-9a-f]{12}/g, "$1");
}

/** Without what could pass for a marker, a chat template's control token or hidden text. */
export function cleaned(text: string): string {
  return text
    .replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu, "")
    .replace(/<\|[^\n]{0,80}?\|>|\[\/?INST\]|<<\/?SYS>>|<\/?s>|<(?:start|end)_of_turn>/gi, "[removed]")
    .replace(/<(?=[^<>\n]{0,80}>)[^<>\n]*/gu, (tag) => (looksLikeMarker(tag) ? `‹${tag.slice(1)}` : tag));
}

/** Letters of other alphabets and styles that look alike are folded first. */
function looksLikeMarker(tag: string): boolean {
  const letters = tag
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[\p{M}\s]/gu, "");
  const latin = letters.replace(/[аеорсухіјѕո]/gu, (letter) => lookalikes[letter] ?? letter);
  return /untrusted|context/.test(latin);
}

const lookalikes: Record<string, string> = {
  ...{ а: "a", е: "e", о: "o", р: "p", с: "c", у: "y", х: "x", і: "i", ј: "j", ѕ: "s", ո: "n" },
};
