import type { Journal } from "../memory/journal.ts";
import { isForeign } from "../origin.ts";
import type { Tool } from "../tool.ts";
import type { ToolCall } from "./events.ts";

const longestAddress = 200;

/** Where the foreign text of a result comes from, in a phrase. */
export function sourceOf({ name, input }: ToolCall, tool: Tool | undefined): string {
  const parsed = tool?.input.safeParse(input);
  const address = parsed?.success ? tool?.address?.(parsed.data) : undefined;
  return `the result of ${name}${address ? ` (${address.slice(0, longestAddress).toWellFormed()})` : ""}`;
}

/** The same journal, where an entry whose words come from outside says from where. */
export function journalNaming(journal: Journal, sources: () => readonly string[]): Journal {
  return {
    ...journal,
    append(entry) {
      const named = sources().slice(0, 3).join(", ");
      return journal.append(
        isForeign(entry.origin) && named ? { ...entry, text: `${entry.text} (from ${named})` } : entry,
      );
    },
  };
}
