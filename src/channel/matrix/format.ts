import { htmlOf } from "./format/html.ts";
import { type Mentionable, parseMarkdown } from "./format/parse.ts";
import { plainOf } from "./format/plain.ts";
import { jsonBytes, packBlocks } from "./format/split.ts";
import { type Block, pillsIn } from "./format/tree.ts";

/** The content of one `m.room.message`; what relates it to others is added by who sends it. */
export interface FormattedMessage {
  msgtype: "m.text" | "m.notice";
  body: string;
  format: "org.matrix.custom.html";
  formatted_body: string;
  /** Always there, so that no client looks for names in the text by itself. */
  "m.mentions": { user_ids?: string[] };
}

export interface FormatOptions {
  /** Who may be mentioned: by full id, by `@name`, or by a matrix.to link, outside of code. Nobody else ever is. */
  mentions?: readonly Mentionable[];
  /**
   * Given in a tainted run: may this address be clicked? It is handed over as written, without a scheme where the text
   * has none. All others are shown as code and altered, so that neither client nor homeserver follows them.
   */
  isAllowedLink?(address: string): boolean;
}

/** So that an edit, which holds the text twice, stays under 64 KiB after encryption and base64 as well. */
const maxContentBytes = 22_000;

/** Markdown as the events that say it: one, or more where it is long; none for a blank text. */
export function formatMessage(markdown: string, options: FormatOptions = {}): FormattedMessage[] {
  return contentsOf("m.text", parseMarkdown(markdown, options), options);
}

/** The same as a notice. With a `summary` all else is folded away under it, where the client can fold. */
export function formatNotice(
  markdown: string,
  { summary, ...options }: FormatOptions & { summary?: string } = {},
): FormattedMessage[] {
  const children = parseMarkdown(markdown, options);
  if (summary === undefined) return contentsOf("m.notice", children, options);
  const [title] = parseMarkdown(summary, options);
  const folded: Block = { type: "details", summary: title?.type === "paragraph" ? title.children : [], children };
  return contentsOf("m.notice", [folded], options);
}

function contentsOf(msgtype: FormattedMessage["msgtype"], blocks: Block[], options: FormatOptions): FormattedMessage[] {
  const content = (part: Block[]): FormattedMessage => ({
    msgtype,
    body: plainOf(part, options.isAllowedLink),
    format: "org.matrix.custom.html",
    formatted_body: htmlOf(part),
    "m.mentions": mentioned(part),
  });
  const empty = jsonBytes(content([]));
  const size = (block: Block) => jsonBytes(content([block])) - empty + separatorBytes;
  return packBlocks(blocks, size, maxContentBytes - empty).map(content);
}

/** What stands between two blocks of a body, in JSON: two escaped newlines. */
const separatorBytes = 4;

function mentioned(blocks: readonly Block[]): FormattedMessage["m.mentions"] {
  const ids = new Set(pillsIn(blocks).map(({ userId }) => userId));
  return ids.size > 0 ? { user_ids: [...ids] } : {};
}
