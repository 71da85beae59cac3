import { domainToUnicode } from "node:url";
import { quoted, visible } from "../sandbox/visible.ts";

export interface Matter {
  tool: string;
  /** The parsed arguments. */
  input: unknown;
  /** What the tool itself wants to be asked. */
  question: string | undefined;
  /** What would leave for the web. */
  address: string | undefined;
  query: string | undefined;
  /** Why the owner is asked, where the call does not say it. */
  why: string | undefined;
  /** Where the foreign text in the run comes from. */
  taints: readonly string[];
}

/** The question for one exact call: markdown, built from its parsed arguments and never in the model's words. */
export function questionFor({ tool, input, question, address, query, why, taints }: Matter): string {
  const others = Object.entries(input ?? {}).filter(([, value]) => value !== address && value !== query);
  const lines = question === undefined ? others.map(([key, value]) => `- ${code(key)}: ${code(value)}`) : [];
  if (address !== undefined) lines.push(...addressLines(address));
  if (query !== undefined) lines.push(`- the words: ${code(query)}`);
  const lead = question ?? `Run \`${tool}\`?`;
  const reasons = [
    why,
    taints.length > 0 ? `I have read text from outside: ${taints.map((taint) => quoted(taint, 260)).join(", ")}.` : "",
  ];
  const reason = reasons.filter(Boolean).join(" ");
  const body = lines.length > 0 ? `${lead}${question === undefined ? "\n" : "\n\n"}${lines.join("\n")}` : lead;
  return reason ? `${body}\n\n${reason}` : body;
}

/** An address is at most this long on its way out: it is shown whole. */
const longestAddress = 2_048;

/** Whole, as it would be asked for; its host as people read it, and the rest decoded, where that looks different. */
function addressLines(address: string): string[] {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url) return [`- the address: ${code(address, longestAddress)}`];
  const read = domainToUnicode(url.hostname);
  const rest = `${url.pathname}${url.search}`;
  const decoded = `${decodedText(url.pathname)}${decodedText(url.search.replaceAll("+", " "))}`;
  return [
    `- the address: ${code(url.href, longestAddress)}`,
    ...(read !== url.hostname ? [`- its host reads as ${code(read)} and is ${code(url.hostname)}`] : []),
    ...(decoded !== rest ? [`- decoded: ${code(decoded, longestAddress)}`] : []),
  ];
}

function decodedText(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
}

/** A value as one line of code: what cannot be seen as its number, a long one by its head and tail. */
function code(value: unknown, longest = 400): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  const escaped = visible(JSON.stringify(text).slice(1, -1))
    .replace(/`/g, "\\u{60}")
    .replace(/[^\S ]/g, (space) => `\\u{${space.codePointAt(0)?.toString(16)}}`)
    .replace(/ {5,}/g, (spaces) => ` … ${spaces.length} spaces … `);
  const half = longest / 2;
  const shown =
    escaped.length <= longest
      ? escaped
      : `${escaped.slice(0, half)} … (${escaped.length} characters) … ${escaped.slice(-half)}`;
  return typeof value === "string" ? `\`"${shown}"\`` : `\`${shown}\``;
}
