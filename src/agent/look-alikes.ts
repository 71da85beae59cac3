/**
 * Replaces what looks to a reader as if it matched `pattern` (global; for lower-case ASCII): in full-width or
 * mathematical letters, with accents, or in letters of other alphabets. All else stays as it is written.
 */
export function replaceLookAlikes(text: string, pattern: RegExp, replacement: (found: string) => string): string {
  const { plain, starts } = folded(text);
  let result = "";
  let end = 0;
  for (const { 0: found, index } of plain.matchAll(pattern)) {
    const from = starts[index] ?? text.length;
    const to = starts[index + found.length] ?? text.length;
    result += text.slice(end, from) + replacement(text.slice(from, to));
    end = to;
  }
  return result + text.slice(end);
}

/** The text as its letters look, and for each of its characters where in the text the one begins that it comes from. */
function folded(text: string): { plain: string; starts: number[] } {
  const starts: number[] = [];
  let plain = "";
  let at = 0;
  for (const character of text) {
    const letters = character < "\u0080" ? character.toLowerCase() : looksLike(character);
    for (let unit = 0; unit < letters.length; unit++) starts.push(at);
    plain += letters;
    at += character.length;
  }
  return { plain, starts };
}

function looksLike(character: string): string {
  const letters = character.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "");
  return Array.from(letters, (letter) => latin.get(letter) ?? letter).join("");
}

/** By the letter that they are taken for. */
const latin = new Map(
  Object.entries({
    ...{ a: "аɑα", c: "сᴄϲ", d: "ԁᴅ", e: "еᴇεҽ", h: "һ", i: "іıɩιΙ", j: "ј", k: "кκ", l: "ӏǀ", m: "мᴍ" },
    ...{ n: "ոпɴη", o: "оοᴏօ", p: "рρ", r: "гʀꭇ", s: "ѕꜱ", t: "тτᴛ", u: "սᴜυʋц", v: "νᴠ", x: "хχ", y: "уүγ" },
    ...{ "<": "‹«〈⟨❬❰˂ᐸ", ">": "›»〉⟩❭❱˃ᐳ", "|": "∣│┃❘", "/": "∕⁄╱", "-": "‐‑‒–—−", _: "▁" },
  }).flatMap(([letter, others]) => Array.from(others, (other) => [other, letter] as const)),
);
