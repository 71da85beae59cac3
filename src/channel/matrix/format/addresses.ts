/** May this address be clicked? */
export type IsAllowedLink = (address: string) => boolean;

/** What stands in a text: words, or an address that must not be followed. */
export interface Piece {
  text: string;
  /** An address, altered so that nothing takes it for one. */
  altered: boolean;
}

const wordStart = "(?<![\\p{L}\\p{N}_])";
const scheme = "(?:(?<![a-z])[a-z][a-z0-9+.\\-]{0,63}|https?):[/\\\\]+";
const dot = "[.。．｡]";
const label = "[\\p{L}\\p{N}_][\\p{L}\\p{N}\\p{M}_\\-]*";
const host = `(?:${label}${dot}){1,20}(?:xn--[a-z0-9\\-]+|[\\p{L}\\p{M}]{2,})(?![\\p{L}\\p{M}])`;
const rest = '[^\\s<>"`]*';
/** With any scheme and slashes; or a name with dots in it, which clients make clickable as well. */
const address = new RegExp(
  [
    `${scheme}[^\\s<>"\`]+`,
    `//${host}${rest}`,
    `${wordStart}(?:[\\p{L}\\p{N}._%+\\-]{1,64}@)?${host}(?::\\d{1,5})?(?::?[/?#\\\\]${rest})?`,
  ].join("|"),
  "giu",
);
/** Names of files look like names of hosts; alone and short they carry nothing anywhere. */
const fileName =
  /^[\w-]{1,40}\.(?:md|txt|js|jsx|ts|tsx|mjs|cjs|py|rb|rs|go|c|h|cc|cpp|java|sh|json|jsonl|ya?ml|toml|ini|conf|csv|tsv|xml|html?|css|sql|db|log|pdf|docx?|xlsx?|pptx?|odt|png|jpe?g|gif|webp|svg|mp[34]|ogg|wav|zip|tar|gz|exe|tsx)$/i;

/** Cuts a text into words and addresses that are not allowed; the latter altered. */
export function splitAddresses(text: string, isAllowed: IsAllowedLink): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(address)) {
    const tail = /[.,;:!?'")\]}*_~|]*$/.exec(found)?.[0] ?? "";
    const bare = found.slice(0, found.length - tail.length);
    if (bare === "" || isAllowed(found) || isAllowed(bare) || isHarmless(bare)) continue;
    pieces.push({ text: text.slice(end, index), altered: false }, { text: alter(bare), altered: true });
    end = index + bare.length;
  }
  return [...pieces, { text: text.slice(end), altered: false }].filter((piece) => piece.text !== "");
}

/** The whole text, with each address that is not allowed altered. */
export function alterAddresses(text: string, isAllowed: IsAllowedLink): string {
  return splitAddresses(text, isAllowed)
    .map((piece) => piece.text)
    .join("");
}

/** `hxxps://host[.]example/path`: readable, and no address for any program. */
export function alter(text: string): string {
  return text
    .replace(/h(?:tt|xx)p(s?):/gi, "hxxp$1:")
    .replace(/(?<!hxxps?):(?=[/\\])/gi, "[:]")
    .replace(new RegExp(`(?<!\\[)${dot}(?!\\])`, "g"), "[.]");
}

/** The hosts that a text names, as it writes them. */
export function hostsIn(text: string): string[] {
  return [...text.matchAll(hostName)].map(([name]) => name.toLowerCase());
}

const hostName = new RegExp(`${wordStart}(?:localhost|${host}|\\d{1,3}(?:\\.\\d{1,3}){3})(?![\\p{L}\\p{N}_-])`, "giu");

function isHarmless(text: string): boolean {
  return fileName.test(text) || alter(text) === text;
}
