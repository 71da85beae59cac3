import { z } from "zod";
import { quoted } from "../src/sandbox/visible.ts";
import { defineTool, type ToolContext } from "../src/tool.ts";
import { sized } from "./_amounts.ts";
import { contentOf } from "./_content.ts";
import { numbered } from "./_numbered.ts";
import { pictureFile } from "./_picture-file.ts";

export default defineTool({
  name: "read_file",
  description: "Read a text file or PDF in your workspace, or look at a picture. Lines come with their numbers.",
  input: z.object({
    path: z.string(),
    offset: z.number().int().min(1).optional().describe("First line to show"),
    limit: z.number().int().min(1).optional().describe("How many lines"),
  }),
  effects: ["reads-private"],
  repeatable: true,
  async run(
    { path, offset, limit },
    { workspace, reader, sees, signal }: Pick<ToolContext, "workspace" | "reader" | "sees" | "signal">,
  ) {
    const { bytes, origin } = await workspace.readFile(path);
    const content = contentOf(bytes);
    if (content.kind === "image") return pictureFile({ path, bytes, origin, format: content.format }, { reader, sees });
    if (content.kind === "binary")
      return `${quoted(path)} (${sized(bytes.length)}) is neither text in UTF-8 nor a PDF, so it cannot be read.`;
    const text = content.kind === "pdf" ? await reader.readPdf(bytes, signal) : content.text;
    return { text: numbered(text, { offset, limit }), origin };
  },
});
