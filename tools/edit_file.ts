import { z } from "zod";
import { quoted } from "../src/sandbox/visible.ts";
import { defineTool, type ToolContext } from "../src/tool.ts";
import { counted } from "./_amounts.ts";
import { contentOf } from "./_content.ts";
import { replaced } from "./_replaced.ts";

export default defineTool({
  name: "edit_file",
  description:
    "Replace a piece of a text file in your workspace. `old` must match exactly and only once, unless `all`.",
  input: z.object({
    path: z.string(),
    old: z.string().min(1).describe("Text as it stands there, without line numbers"),
    new: z.string(),
    all: z.boolean().default(false).describe("Replace it everywhere"),
  }),
  effects: ["writes"],
  confirm: ({ path, old, new: replacement }, { tainted }: Pick<ToolContext, "workspace" | "tainted">) =>
    tainted ? `In ${quoted(path)}, replace ${quoted(old, 300)} with ${quoted(replacement, 300)}?` : undefined,
  async run({ path, old, new: replacement, all }, { workspace }) {
    const { bytes, origin } = await workspace.readFile(path);
    const content = contentOf(bytes);
    if (content.kind !== "text") throw new Error(`${quoted(path)} is not a text file.`);
    const { text, count } = replaced(content.text, old, replacement, all);
    await workspace.writeFile(path, text, { overwrite: true, basedOn: origin });
    return `Edited ${quoted(path)}: ${counted(count, "replacement")}.`;
  },
});
