import type { Entry } from "../src/sandbox/folder.ts";
import { sized } from "./_amounts.ts";

export const maxEntries = 1_000;
const maxCharacters = 32_000;
const roomForNote = 200;

/** One line an entry, as many as may be shown. With more than `maxEntries` it says that there are others. */
export function listing(entries: Entry[], timezone: string): string {
  if (entries.length === 0) return "[The folder is empty.]";
  const lines: string[] = [];
  let room = maxCharacters - roomForNote;
  for (const entry of entries.slice(0, maxEntries)) {
    const line = lineOf(entry, timezone);
    room -= line.length + 1;
    if (room < 0) break;
    lines.push(line);
  }
  if (lines.length < entries.length) {
    lines.push(`[The first ${lines.length} entries; there are more. Use a smaller depth, or list one of the folders.]`);
  }
  return lines.join("\n");
}

function lineOf({ path, kind, bytes, modifiedAt }: Entry, timezone: string): string {
  if (kind === "directory") return `${path}/`;
  if (kind === "other") return `${path}  (a link or special file: it cannot be read)`;
  // Sweden writes dates as everyone can read them: 2026-11-20 14:02.
  const date = modifiedAt.toLocaleString("sv-SE", { timeZone: timezone, dateStyle: "short", timeStyle: "short" });
  return `${path}  ${sized(bytes)}  ${date}`;
}
