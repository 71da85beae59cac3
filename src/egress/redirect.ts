import { EgressError } from "./egress-error.ts";
import type { Target } from "./judge.ts";

const redirects = new Set([301, 302, 303, 307, 308]);

/** Where an answer leads on to, judged; undefined when it is no redirect. Throws an EgressError when it leads nowhere good. */
export function redirectTarget(
  answer: { status: number; headers: Record<string, string | string[] | undefined> },
  from: Target,
  allowed: (address: string) => Target,
): Target | undefined {
  if (!redirects.has(answer.status)) return undefined;
  const { origin } = from.url;
  const { location } = answer.headers;
  if (typeof location !== "string" || location === "")
    throw new EgressError(`${origin} redirects, but does not say where to.`);
  const next = allowed(absolute(location, from.url));
  // Only who was sent there by the owner or the model gets to a private place; a page does not lead there.
  if (next.isOpened && next.host !== from.host)
    throw new EgressError(`${origin} redirects to ${next.url.origin}, which is asked only when it is named itself.`);
  return next;
}

/** What names a host is judged as it is written; only what stays on this one is completed. */
function absolute(location: string, base: URL): string {
  const text = Buffer.from(location, "latin1").toString("utf8");
  if (/^[a-z][a-z0-9+.-]*:/i.test(text)) return text;
  if (text.startsWith("//")) return `${base.protocol}${text}`;
  // Left as it is where it is not to be read in one way only: it is refused by its text.
  return /[\\\s]/.test(text) || !URL.canParse(text, base.href) ? text : new URL(text, base).href;
}
