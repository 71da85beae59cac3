import { alter, hostsIn } from "./addresses.ts";
import { cleanText, decodeEntities } from "./clean.ts";
import { pillFromLink } from "./mentions.ts";
import type { ParseOptions } from "./parse.ts";
import { type Inline, textOf } from "./tree.ts";

export interface FoundLink {
  href: string;
  /** The address as it stands in the text, where marked has made one of a bare `www.` or an e-mail address. */
  written?: string | undefined;
  /** Its label. */
  children: Inline[];
}

const clickable = new Set(["http:", "https:", "mailto:"]);
/** Of what is no address that can be clicked, such as a whole file in `data:`. */
const maxShownCharacters = 300;

/** A link whose label says where it leads; or its label and the address as code, where it must not be followed. */
export function linkOf({ href: raw, written, children }: FoundLink, options: ParseOptions): Inline[] {
  const { mentions = [], isAllowedLink } = options;
  const href = cleanText(decodeEntities(raw)).trim();
  const url = URL.canParse(href) ? new URL(href) : undefined;
  const onMatrix = pillFromLink(url?.href ?? href, mentions);
  if (onMatrix) return onMatrix.type === "pill" ? [onMatrix] : beside(children, textOf([onMatrix]), isAllowedLink);
  if (!url || !clickable.has(url.protocol)) return beside(children, href, isAllowedLink);
  const isAllowed = isAllowedLink?.(href) ?? true;
  if (!isAllowed && !(written && isAllowedLink?.(written))) return beside(children, href, isAllowedLink);
  const label = textOf(children).trim() === "" ? [{ type: "text" as const, text: href }] : children;
  return [{ type: "link", href: url.href, children: label, suffix: suffixFor(url, textOf(label)) }];
}

function beside(children: Inline[], href: string, isAllowedLink: ParseOptions["isAllowedLink"]): Inline[] {
  const short =
    href.length > maxShownCharacters && /^data:/i.test(href) ? `${href.slice(0, maxShownCharacters)}…` : href;
  const shown = isAllowedLink && !isAllowedLink(href) ? alter(short) : short;
  const code: Inline = { type: "code", text: shown.replace(/@(?=room\b)/gi, "@\u2060") };
  const label = textOf(children);
  if (href === "") return children;
  const isSaid = label === "" || [label, `mailto:${label}`, `http://${label}`].map(alter).includes(alter(href));
  if (isSaid) return [code];
  return [...children, { type: "text", text: " (" }, code, { type: "text", text: ")" }];
}

/** Empty for a label that names the true host and no other. */
function suffixFor(url: URL, label: string): string {
  const real = url.protocol === "mailto:" ? decodeAddress(url.pathname) : url.host;
  const realHost = (url.protocol === "mailto:" ? (real.split("@").at(-1) ?? "") : url.hostname).toLowerCase();
  const named = hostsIn(label);
  const same = (host: string) => host.replace(/^www\./, "") === realHost.replace(/^www\./, "");
  if (named.length === 0) return ` (${real})`;
  return named.every(same) ? "" : ` (leads to ${real})`;
}

function decodeAddress(path: string): string {
  try {
    return cleanText(decodeURIComponent(path));
  } catch {
    return path;
  }
}
