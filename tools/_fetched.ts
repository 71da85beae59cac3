import type { EgressResponse } from "../src/egress/egress.ts";
import type { ToolContext } from "../src/tool.ts";
import { contentOf } from "./_content.ts";
import { decodedText } from "./_decoded-text.ts";
import { shownText } from "./_shown-text.ts";

export interface FetchedText {
  /** After all redirects. */
  address: string;
  /** Empty where there is none. */
  title: string;
  text: string;
}

const accept =
  "text/html,application/xhtml+xml,application/json,application/xml;q=0.9,application/pdf;q=0.9,text/*;q=0.8,*/*;q=0.1";

/** What an address says to a reader. Throws one sentence when it is no text, or cannot be had. */
export async function fetched(
  url: string,
  mostBytes: number,
  { egress, reader, signal }: Pick<ToolContext, "egress" | "reader" | "signal">,
): Promise<FetchedText> {
  await using response = await egress.get(url, { accept, mostBytes, signal });
  const { address, contentType } = response;
  checkStatus(response);
  const kind = kindOf(contentType);
  if (kind === undefined) throw notText(response);
  const bytes = await wholeBody(response);
  const found = kind === "unsaid" ? contentOf(bytes).kind : kind;
  if (found === "image" || found === "binary") throw notText(response);
  if (found === "pdf") return { address, title: "", text: shownText(await reader.readPdf(bytes, signal)) };

  const text = decodedText(bytes, contentType);
  if (found !== "page" && !(kind === "unsaid" && looksLikePage(text)))
    return { address, title: "", text: shownText(text) };
  const page = await reader.read(text, address, signal);
  return { address, title: oneLine(shownText(page.title)), text: shownText(page.text) };
}

/** Throws for an answer that is no success. */
export function checkStatus({ address, status }: EgressResponse): void {
  if (status >= 200 && status < 300) return;
  const meanings: Record<number, string> = {
    ...{ 401: "it wants a login", 403: "it does not let us in", 404: "there is no such page", 410: "the page is gone" },
    ...{ 429: "it was asked too often", 503: "it is out of order now" },
  };
  const meaning = meanings[status] ?? (status >= 500 ? "it has a fault of its own" : "it refuses");
  throw new Error(`${new URL(address).origin} answered with ${status}: ${meaning}.`);
}

export async function wholeBody({ body }: Pick<EgressResponse, "body">): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What the server says it is; undefined for what is no text. */
function kindOf(contentType: string): "page" | "pdf" | "text" | "unsaid" | undefined {
  const type = contentType.split(";", 1)[0]?.trim() ?? "";
  if (type === "") return "unsaid";
  if (type === "text/html" || type === "application/xhtml+xml") return "page";
  if (type === "application/pdf") return "pdf";
  if (type.startsWith("text/") || /[/+](?:json|xml|yaml|x-yaml|toml|javascript|x-ndjson|ld\+json|csv)$/.test(type))
    return "text";
  return undefined;
}

function looksLikePage(text: string): boolean {
  return /^\s*(?:<!--[\s\S]*?-->\s*)*<(?:!doctype html|html|head|body)\b/i.test(text.slice(0, 2_000));
}

function notText({ address, contentType }: EgressResponse): Error {
  const type = /^[\w.+/-]{1,80}/.exec(contentType)?.[0] ?? "of an unknown kind";
  return new Error(`What ${new URL(address).origin} sends is no text (${type}); download_file can keep it as a file.`);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, 300);
}
