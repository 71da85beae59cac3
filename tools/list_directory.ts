import { z } from "zod";
import { leastTrusted } from "../src/sandbox/marks.ts";
import { defineTool, type ToolContext } from "../src/tool.ts";
import { listing, maxEntries } from "./_listing.ts";

export default defineTool({
  name: "list_directory",
  description: "List your workspace or a folder in it: names, sizes, dates. Folders end in /.",
  input: z.object({
    path: z.string().default("").describe("The whole workspace if left out"),
    depth: z.number().int().min(1).max(10).default(1).describe("Levels of folders to show"),
  }),
  effects: ["reads-private"],
  repeatable: true,
  async run({ path, depth }, { workspace, timezone }: Pick<ToolContext, "workspace" | "timezone">) {
    const entries = await workspace.list(path, { depth, limit: maxEntries + 1 });
    return { text: listing(entries, timezone), origin: leastTrusted(entries.map((entry) => entry.origin)) };
  },
});
