import { z } from "zod";
import { coreFileBudgets, coreFileNames } from "../src/memory/core-files.ts";
import { defineTool, type ToolContext } from "../src/tool.ts";

export default defineTool({
  name: "read_core_file",
  description: "Read one of your core files, as you must before you write it.",
  input: z.object({ name: z.enum(coreFileNames) }),
  effects: ["reads-private"],
  repeatable: true,
  async run({ name }, { memory, seen }: Pick<ToolContext, "memory" | "seen">) {
    const { content, hash } = await memory.core.read(name);
    seen.set(`core:${name}`, hash);
    const size = `[${name}.md: ${content.length} of ${coreFileBudgets[name]} characters]`;
    return content.trim() === "" ? `${size}\n(empty)` : `${size}\n${content}`;
  },
});
