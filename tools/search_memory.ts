import { z } from "zod";
import { describeRecollection } from "../src/memory/memory.ts";
import { isForeign } from "../src/origin.ts";
import { isDay } from "../src/time.ts";
import { defineTool, type ToolContext } from "../src/tool.ts";

const day = z.string().refine(isDay, "write it as YYYY-MM-DD").optional();

export default defineTool({
  name: "search_memory",
  description:
    "Search everything that was ever said and all journals, by words, by dates, or both. Try other words when nothing is found.",
  input: z
    .object({
      query: z.string().describe("A few telling words (names, things, places), not a sentence").optional(),
      from: day.describe("First day, YYYY-MM-DD"),
      to: day.describe("Last day, YYYY-MM-DD"),
      limit: z.int().min(1).max(40).default(12),
    })
    .refine(({ query, from, to }) => query?.trim() || from || to, "give a query, a date, or both"),
  effects: ["reads-private"],
  repeatable: true,
  async run({ query, from, to, limit }, { memory, signal }: Pick<ToolContext, "memory" | "signal">) {
    const hits = await memory.search({ text: query?.trim() || undefined, from, to, limit }, signal);
    const shortcoming = memory.shortcoming();
    const note = shortcoming === undefined ? "" : `\n\n(${shortcoming}.)`;
    if (hits.length === 0) return `Nothing found that fits. Try other words, or a range of dates.${note}`;
    const origins = hits.map(({ origin }) => origin);
    const origin = origins.some(isForeign) ? "web" : origins.includes("derived") ? "derived" : "agent";
    return { text: hits.map(describeRecollection).join("\n\n") + note, origin };
  },
});
