import { z } from "zod";
import { defineTool, type ToolContext } from "../src/tool.ts";
import { fetched } from "./_fetched.ts";
import { paged } from "./_paged.ts";

const mostBytes = 5 * 1024 ** 2;

export default defineTool({
  name: "fetch_url",
  description: "Read a page of the web as markdown, or a text, JSON, XML or PDF file. Long ones come in parts.",
  input: z.object({
    url: z.string().describe("Whole, with https://"),
    offset: z.number().int().min(0).default(0).describe("Where to go on reading, in characters"),
  }),
  effects: ["reads-web"],
  repeatable: true,
  address: ({ url }) => url,
  async run({ url, offset }, context: Pick<ToolContext, "egress" | "reader" | "signal">) {
    const { address, title, text } = await fetched(url, mostBytes, context);
    const head = [title && `Title: ${title}`, `Address: ${address}`].filter(Boolean).join("\n");
    return { text: `${head}\n\n${paged(text, offset)}`, origin: "web" };
  },
});
