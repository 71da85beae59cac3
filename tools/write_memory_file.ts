import { z } from "zod";
import { journalSections } from "../src/memory/journal.ts";
import { dayOf, isDay } from "../src/time.ts";
import { defineTool, type ToolContext } from "../src/tool.ts";

export default defineTool({
  name: "write_memory_file",
  description:
    "Add an entry to your journal: what happened, was learned, decided, is to be done. Lasting facts go into USER or MEMORY instead.",
  input: z.object({
    section: z.enum(journalSections),
    text: z.string().trim().min(1).max(4_000).describe("One or a few sentences that make sense on their own later"),
    date: z.string().describe("YYYY-MM-DD; left out: today").optional(),
  }),
  effects: ["remembers"],
  async run(
    { section, text, date },
    { memory, tainted, now, timezone }: Pick<ToolContext, "memory" | "tainted" | "now" | "timezone">,
  ) {
    const day = date ?? dayOf(now(), timezone);
    if (!isDay(day)) throw new Error(`"${day}" is no date: write it as YYYY-MM-DD.`);
    await memory.journal.append({ day, section, text, origin: tainted ? "web" : "agent" });
    return `Added to ${section} of ${day}.`;
  },
});
