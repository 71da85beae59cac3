/** What a splitter tells as the text comes in. */
export interface ThinkingSink {
  text(delta: string): void;
  thinking(delta: string): void;
  /** The text told so far was thinking; it is told again as such. */
  reset(): void;
}

export interface ThinkingSplitter {
  push(delta: string): void;
  /** Tells what was held back, and gives the text without the thinking. */
  end(): string;
}

const openings = ["<think>", "<thinking>"];
const closing = /<\/think(ing)?>/g;
const longestTag = "</thinking>".length;

/**
 * Parts what a model writes between `<think>` and `</think>` from what it says, for servers that do not. A block counts
 * only where an answer begins. A closing tag without an opening one (the template has opened it) counts where a line
 * begins or ends with it: what stands before it was thinking. Anywhere else, and in code, a tag is text.
 */
export function createThinkingSplitter(sink: ThinkingSink): ThinkingSplitter {
  let state: "start" | "thinking" | "text" = "start";
  /** Not told yet, for it may be the beginning of a tag. In state `text`: all the text, which has been told. */
  let held = "";

  function push(delta: string): void {
    held += delta;
    if (state === "start") begin();
    else if (state === "thinking") think();
    else speak(delta);
  }

  function begin(): void {
    const text = held.trimStart();
    const opening = openings.find((tag) => text.startsWith(tag));
    if (opening) {
      state = "thinking";
      held = text.slice(opening.length);
      think();
      return;
    }
    if (openings.some((tag) => tag.startsWith(text))) return;
    state = "text";
    held = text;
    speak(text);
  }

  function think(): void {
    const tag = held.matchAll(closing).next().value;
    if (tag) {
      if (tag.index > 0) sink.thinking(held.slice(0, tag.index));
      state = "start";
      held = held.slice(tag.index + tag[0].length);
      begin();
      return;
    }
    const safe = held.length - partOfTag(held);
    if (safe > 0) sink.thinking(held.slice(0, safe));
    held = held.slice(safe);
  }

  function speak(delta: string): void {
    if (delta) sink.text(delta);
    closeAt(held.length - delta.length - longestTag - 1, false);
  }

  /** Turns all before a lone closing tag into thinking. */
  function closeAt(from: number, ended: boolean): void {
    const tag = loneClosingTag(held, Math.max(0, from), ended);
    if (!tag) return;
    sink.reset();
    if (tag.index > 0) sink.thinking(held.slice(0, tag.index));
    state = "start";
    held = held.slice(tag.index + tag.length);
    begin();
  }

  function end(): string {
    if (state === "thinking" && held) sink.thinking(held);
    if (state === "start" && held.trim()) {
      state = "text";
      held = held.trimStart();
      sink.text(held);
    }
    if (state === "text") closeAt(held.length - longestTag - 1, true);
    return state === "text" ? held : "";
  }

  return { push, end };
}

function loneClosingTag(text: string, from: number, ended: boolean): { index: number; length: number } | undefined {
  for (const match of text.slice(from).matchAll(closing)) {
    const index = from + match.index;
    const length = match[0].length;
    const before = text.slice(0, index);
    if (openings.some((tag) => before.includes(tag)) || endsInCode(before)) continue;
    const next = text[index + length];
    const beginsLine = /(^|\n)[ \t]*$/.test(before);
    const endsLine = next === "\n" || next === "\r" || (next === undefined && ended);
    if (beginsLine || endsLine) return { index, length };
  }
  return undefined;
}

/** True when `text` ends inside a fence or between backticks. */
function endsInCode(text: string): boolean {
  const fences = text.match(/^ {0,3}(```|~~~)/gm)?.length ?? 0;
  if (fences % 2 === 1) return true;
  const line = text.slice(text.lastIndexOf("\n") + 1);
  return (line.match(/`/g)?.length ?? 0) % 2 === 1;
}

/** How many characters at the end of `text` may begin a closing tag. */
function partOfTag(text: string): number {
  const start = text.lastIndexOf("<");
  if (start < 0) return 0;
  const tail = text.slice(start);
  return "</think>".startsWith(tail) || "</thinking>".startsWith(tail) ? tail.length : 0;
}
