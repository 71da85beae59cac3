import { z } from "zod";
import { quoted } from "../src/sandbox/visible.ts";
import { defineTool, type ToolContext } from "../src/tool.ts";
import { sized } from "./_amounts.ts";
import { contentOf } from "./_content.ts";
import { numbered } from "./_numbered.ts";

export default defineTool({
  name: "read_file",
  description: "Read a text file or PDF in your workspace. Lines come with their numbers.",
  input: z.object({
    path: z.string(),
    offset: z.number().int().min(1).optional().describe("First line to show"),
    limit: z.number().int().min(1).optional().describe("How many lines"),
  }),
  effects: ["reads-private"],
  repeatable: true,
  async run(
    { path, offset, limit },
    { workspace, reader, signal }: Pick<ToolContext, "workspace" | "reader" | "signal">,
  ) {
    const { bytes, origin } = await workspace.readFile(path);
    const content = contentOf(bytes);
    const what = `${quoted(path)} (${sized(bytes.length)})`;
    if (content.kind === "image") return `${what} is an image (${content.format}), which this tool cannot show.`;
    if (content.kind === "binary") return `${what} is neither text in UTF-8 nor a PDF, so it cannot be read.`;
    const text = content.kind === "pdf" ? await reader.readPdf(bytes, signal) : content.text;
    return { text: numbered(text, { offset, limit }), origin };
  },
});
