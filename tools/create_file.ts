import { z } from "zod";
import { quoted } from "../src/sandbox/visible.ts";
import { defineTool, type ToolContext } from "../src/tool.ts";
import { sized } from "./_amounts.ts";

export default defineTool({
  name: "create_file",
  description: "Write a text file in your workspace. Folders on the way are made.",
  input: z.object({ path: z.string(), content: z.string() }),
  effects: ["writes"],
  async confirm({ path, content }, { workspace }: Pick<ToolContext, "workspace">) {
    const before = await workspace.stat(path);
    if (before?.kind !== "file") return undefined;
    const size = sized(Buffer.byteLength(content));
    return `Overwrite ${quoted(path)} (${sized(before.bytes)}) with ${size}: ${quoted(content, 300)}?`;
  },
  async run({ path, content }, { workspace }) {
    await workspace.writeFile(path, content, { overwrite: true });
    return `Wrote ${quoted(path)} (${sized(Buffer.byteLength(content))}).`;
  },
});
