import { randomBytes } from "node:crypto";
import { replaceLookAlikes } from "./look-alikes.ts";

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
  const seen = text.replace(hidden, "");
  const withoutTokens = replaceLookAlikes(seen, controlTokens, () => "[removed]");
  return replaceLookAlikes(withoutTokens, markerLike, (found) => found.replace(/^\P{L}/u, "‹"));
}

/** What nobody sees: no width, no glyph, tags and variation selectors, marks that turn the direction, half characters. */
const hidden = /[[\p{Cc}\p{Cf}\p{Cs}\p{DI}]--[\t\n\r]]/gv;

/** What chat templates of the common families part messages, roles and calls with; in lower case. */
const controlTokens = new RegExp(
  [
    "<\\|[^\\n<>]{0,80}?\\|>", // ChatML, Llama 3, Phi, gpt-oss, Granite, Command R; folded, DeepSeek
    "<\\|[^\\n<>|]{1,40}>|<[^\\n<>|]{1,40}\\|>", // Gemma 4
    "\\[/?(?:inst|system_prompt|available_tools|tool_calls?|tool_results?|tool_content|gmask|think)\\]", // Mistral, GLM
    "<</?sys>>|</?s>|<(?:bos|eos|pad|unk|mask|sop|eop|cls|sep)>", // Llama 2 and others
    "<(?:start|end)_of_(?:turn|image|role|text)>", // Gemma, Granite
    "\\]~!?b[\\[\\]]|\\[e~\\[", // MiniMax
  ].join("|"),
  "g",
);

/** The names of our own tags, and those that models are taught to think and to call tools with. */
const tagNames = [
  ...["untrusted", "context", "earlier", "think", "thinking", "tool_call", "tool_calls", "tool_response"],
  ...["function_call", "function_calls", "function_results", "system", "assistant", "user", "tool"],
];

/** A tag whose name begins with one of ours, letters spaced out or not. */
const markerLike = new RegExp(`<[\\s/]{0,10}(?:${tagNames.map(spacedOut).join("|")})(?![a-z])`, "g");

function spacedOut(name: string): string {
  return [...name].map((letter) => (letter === "_" ? "[\\s_.-]?" : letter)).join("[\\s.]{0,3}");
}
