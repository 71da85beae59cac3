import { z } from "zod";
import { quoted } from "../src/sandbox/visible.ts";
import { defineTool, type ToolContext } from "../src/tool.ts";
import { sized } from "./_amounts.ts";

export default defineTool({
  name: "delete_file",
  description: "Delete a file in your workspace.",
  input: z.object({ path: z.string() }),
  effects: ["destroys"],
  async confirm({ path }, { workspace }: Pick<ToolContext, "workspace">) {
    const entry = await workspace.stat(path);
    if (!entry) throw new Error(`There is no ${quoted(path)}.`);
    if (entry.kind === "directory") throw new Error(`${quoted(path)} is a folder: use delete_directory.`);
    return `Delete ${quoted(path)} (${entry.kind === "file" ? sized(entry.bytes) : "a link or special file"})?`;
  },
  async run({ path }, { workspace }) {
    await workspace.deleteFile(path);
    return `Deleted ${quoted(path)}.`;
  },
});
