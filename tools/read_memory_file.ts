import { z } from "zod";
import { journalEntries } from "../src/memory/journal.ts";
import { dayOf, isDay } from "../src/time.ts";
import { defineTool, type ToolContext } from "../src/tool.ts";

export default defineTool({
  name: "read_memory_file",
  description: "Read your journal of one day.",
  input: z.object({ date: z.string().describe("YYYY-MM-DD; left out: today").optional() }),
  effects: ["reads-private"],
  repeatable: true,
  async run({ date }, { memory, now, timezone }: Pick<ToolContext, "memory" | "now" | "timezone">) {
    const day = date ?? dayOf(now(), timezone);
    if (!isDay(day)) throw new Error(`"${day}" is no date: write it as YYYY-MM-DD.`);
    const text = await memory.journal.read(day);
    if (text === undefined) return `There is no journal of ${day}.`;
    const foreign = journalEntries(text).some(({ origin }) => origin === "web");
    return { text, origin: foreign ? "web" : "agent" };
  },
});
