import { isForeign, type Origin } from "./origin.ts";
import type { Heard, HeardEntry } from "./store/heard.ts";

/** Who named an address, whole: an owner at any time, or the result of a call in this session. */
export type NamedBy = "owner" | "result";

export interface KnownAddressesOptions {
  heard: Pick<Heard, "mayHold">;
  session: number;
  /** What a tool does with what it reads: `web`: hands on what is out there; `own`: reads the agent's own things. */
  kindOf(tool: string): "web" | "own" | undefined;
  /** What was given to a call, as JSON; undefined when that is not known. */
  argumentsOf(call: { run: number; id: string }): string | undefined;
}

/**
 * Tells who named an address, whole and as it is; undefined for one that nobody named, and that may therefore carry
 * something away. What the model itself can put into a result does not count: the echo of a call's arguments, and the
 * files that a tainted run wrote.
 */
export function createKnownAddresses({ heard, session, kindOf, argumentsOf }: KnownAddressesOptions) {
  const isResult = ({ call, sender, origin }: HeardEntry, address: string): boolean => {
    if (!call || call.failed) return false;
    const kind = kindOf(sender);
    if (kind === undefined || (kind === "own" && isForeign(origin as Origin))) return false;
    const given = argumentsOf(call);
    return given !== undefined && !lettersOf(given).includes(lettersOf(address));
  };

  return (address: string): NamedBy | undefined => {
    let named: NamedBy | undefined;
    for (const spelling of spellingsOf(address))
      for (const entry of heard.mayHold(spelling, session)) {
        if (!standsWhole(spelling, entry.text)) continue;
        if (entry.role === "user") return "owner";
        if (isResult(entry, address)) named = "result";
      }
    return named;
  };
}

/** The address as it may stand in a text when it is meant: without its scheme, its fragment, the slash of its host. */
function spellingsOf(address: string): string[] {
  const written = bare(address);
  const canonical = URL.canParse(address) ? bare(new URL(address).href) : written;
  return [...new Set([written, canonical])].filter(Boolean);
}

function bare(address: string): string {
  return address
    .trim()
    .replace(/^https?:\/\//i, "")
    .replace(/#.*$/s, "")
    .replace(/^([^/?]+)\/$/, "$1");
}

/** Nothing but closing punctuation or a fragment may follow it before the next space, quote or bracket. */
function standsWhole(spelling: string, text: string): boolean {
  const host = /^[^/?]*/.exec(spelling)?.[0].length ?? 0;
  const [sought, within] = [spelling.toLowerCase(), text.toLowerCase()];
  // Some letters become two when their case changes: then both are taken as they stand.
  const same = within.length === text.length && sought.length === spelling.length;
  const [needle, hay] = same ? [sought, within] : [spelling, text];
  for (let at = hay.indexOf(needle); at !== -1; at = hay.indexOf(needle, at + 1)) {
    const end = at + spelling.length;
    if (text.slice(at + host, end) !== spelling.slice(host)) continue;
    const rest = /^[^\s<>"'`()[\]{}|]*/.exec(text.slice(end, end + 4_096))?.[0] ?? "";
    const slash = spelling.length === host ? "/?" : "";
    if (new RegExp(`^${slash}(?:[.,;:!?*_~]*|#.*)$`).test(rest) && mayBegin(text.slice(Math.max(0, at - 9), at)))
      return true;
  }
  return false;
}

/** A scheme, or what parts words, and nothing that would make the address the tail of another. */
function mayBegin(before: string): boolean {
  return /(?:^|[\s<>"'`()[\]{}|:,;*_~])(?:https?:\/\/)?$/i.test(before);
}

function lettersOf(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "");
}
