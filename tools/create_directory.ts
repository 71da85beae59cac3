import { z } from "zod";
import { quoted } from "../src/sandbox/visible.ts";
import { defineTool, type ToolContext } from "../src/tool.ts";

export default defineTool({
  name: "create_directory",
  description: "Make a folder in your workspace, with those above it.",
  input: z.object({ path: z.string() }),
  effects: ["writes"],
  // A new folder takes nothing away, whoever wants it.
  confirm: () => undefined,
  async run({ path }, { workspace }: Pick<ToolContext, "workspace">) {
    await workspace.makeDirectory(path);
    return `The folder ${quoted(path)} is there.`;
  },
});
