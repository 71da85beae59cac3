import { z } from "zod";
import { defineTool, type ToolContext } from "../src/tool.ts";
import { shownText } from "./_shown-text.ts";

const snippetCharacters = 400;

export default defineTool({
  name: "web_search",
  description: "Search the web: titles, addresses and snippets. Read a result with fetch_url.",
  input: z.object({
    query: z.string().trim().min(1).describe("A few telling words"),
    limit: z.number().int().min(1).max(20).default(8),
    language: z
      .string()
      .regex(/^[a-z]{2,3}(?:-[A-Za-z]{2,4})?$/, "write it as en or pt-BR")
      .optional(),
    time_range: z.enum(["day", "week", "month", "year"]).optional(),
  }),
  effects: ["reads-web"],
  repeatable: true,
  query: ({ query }) => query,
  async run(
    { query, limit, language, time_range: timeRange },
    { searchEngine, signal }: Pick<ToolContext, "searchEngine" | "signal">,
  ) {
    const found = await searchEngine.search({ text: query, limit, language, timeRange }, signal);
    const silent =
      found.silent.length > 0 ? `[Did not answer: ${oneLine(found.silent.slice(0, 10).join(", "), 400)}]` : "";
    const results = found.results.map(({ title, address, snippet, published }, index) => {
      const said = [published && oneLine(published, 40), oneLine(snippet, snippetCharacters)]
        .filter(Boolean)
        .join(": ");
      return [`${index + 1}. ${oneLine(title, 200)}`, oneLine(address, 2_048), said].filter(Boolean).join("\n   ");
    });
    if (results.length === 0 && found.answers.length === 0)
      return { text: ["Nothing found. Try other words.", silent].filter(Boolean).join("\n"), origin: "web" };
    const answers = found.answers.slice(0, 3).map((answer) => `Answer: ${oneLine(answer, 1_000)}`);
    return { text: [...answers, ...results, silent].filter(Boolean).join("\n"), origin: "web" };
  },
});

function oneLine(text: string, most: number): string {
  const line = shownText(text).replace(/\s+/g, " ").trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
