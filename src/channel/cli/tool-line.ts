import type { ToolCall, ToolEnd } from "../../agent/events.ts";
import { clean, cleanLine } from "./clean.ts";
import { duration } from "./clock.ts";

const argumentLength = 48;
const resultLength = 60;
const noticeableMs = 100;
/** The fields that say most about a call, the best first. */
const tellingFields = ["path", "query", "url", "name", "agent", "task"];

/** `read_file notes.txt` */
export function callTitle({ name, input }: ToolCall): string {
  return `${cleanLine(name)} ${clip(cleanLine(mainArgument(input)), argumentLength)}`.trim();
}

/** `read_file notes.txt – 12 lines, 0.2 s` */
export function toolLine({ call, output, refused, durationMs }: Omit<ToolEnd, "type" | "agent" | "failed">): string {
  if (refused) return `${callTitle(call)} – not done`;
  const took = durationMs < noticeableMs ? "" : duration(durationMs);
  return [callTitle(call), [inShort(output), took].filter(Boolean).join(", ")].filter(Boolean).join(" – ");
}

function mainArgument(input: unknown): string {
  if (typeof input === "string") return input;
  if (typeof input !== "object" || input === null) return "";
  const fields = Object.entries(input).filter((field): field is [string, string] => typeof field[1] === "string");
  const telling = tellingFields.map((name) => fields.find(([field]) => field === name)).find((field) => field);
  return (telling ?? fields[0])?.[1] ?? "";
}

function inShort(output: string): string {
  const lines = clean(output).trim().split("\n");
  return lines.length > 1 ? `${lines.length} lines` : clip(cleanLine(output).replace(/\.$/, ""), resultLength);
}

function clip(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join("")}…`;
}
