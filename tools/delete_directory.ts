import { z } from "zod";
import { quoted } from "../src/sandbox/visible.ts";
import { workspacePath } from "../src/sandbox/workspace.ts";
import { defineTool, type ToolContext } from "../src/tool.ts";
import { counted } from "./_amounts.ts";

export default defineTool({
  name: "delete_directory",
  description: "Delete a folder in your workspace with all that is in it.",
  input: z.object({ path: z.string() }),
  effects: ["destroys"],
  async confirm({ path }, { workspace }: Pick<ToolContext, "workspace">) {
    if (workspacePath(path) === "") throw new Error("The workspace itself is not deleted: name a folder in it.");
    const inside = await workspace.list(path, { depth: Number.POSITIVE_INFINITY });
    const files = inside.filter((entry) => entry.kind !== "directory").length;
    return `Delete the folder ${quoted(path)} with ${files === 0 ? "no files" : counted(files, "file")} in it?`;
  },
  async run({ path }, { workspace }) {
    await workspace.deleteDirectory(path);
    return `Deleted the folder ${quoted(path)}.`;
  },
});
