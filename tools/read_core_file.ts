import { z } from "zod";
import { coreFileBudgets, coreFileNames } from "../src/memory/core-files.ts";
import { defineTool, type ToolContext } from "../src/tool.ts";

export default defineTool({
  name: "read_core_file",
  description: "Read one of your core files. Needed before write_core_file.",
  input: z.object({ name: z.enum(coreFileNames) }),
  effects: ["reads-private"],
  repeatable: true,
  async run({ name }, { memory, seen }: Pick<ToolContext, "memory" | "seen">) {
    const { content, hash } = await memory.core.read(name);
    seen.set(`core:${name}`, hash);
    const size = `[This is all of ${name}.md: ${content.length} of ${coreFileBudgets[name]} characters.]`;
    return content.trim() === "" ? `(empty)\n${size}` : `${content.trimEnd()}\n\n${size}`;
  },
});
