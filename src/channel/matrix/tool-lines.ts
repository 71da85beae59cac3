import type { ToolCall, ToolEnd } from "../../agent/events.ts";

const longestInput = 120;
const longestResult = 300;

/** A call under way, as one line of markdown. */
export function callLine(call: ToolCall): string {
  return `⏳ ${named(call)}`;
}

/** A call that is over, with the beginning of its result. */
export function resultLine({ call, output, failed, refused, durationMs }: ToolEnd): string {
  const mark = refused ? "🚫" : failed ? "✗" : "✓";
  const time = durationMs >= 1_000 ? ` (${Math.round(durationMs / 1_000)} s)` : "";
  return `${mark} ${named(call)}${time}\n  ${code(output, longestResult)}`;
}

function named({ name, input }: ToolCall): string {
  const values = input && typeof input === "object" ? Object.entries(input) : [];
  const shown = values.map(([key, value]) => `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
  return `\`${name}\` ${shown.length > 0 ? code(shown.join(", "), longestInput) : ""}`.trim();
}

/** Text of any kind as one line of code: it must not become markup. */
function code(text: string, longest: number): string {
  const line = text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}`]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  const characters = [...line];
  const cut = characters.length <= longest ? line : `${characters.slice(0, longest - 1).join("")}…`;
  return cut === "" ? "(nothing)" : `\`${cut}\``;
}
