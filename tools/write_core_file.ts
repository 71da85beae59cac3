import { z } from "zod";
import { coreFileNames } from "../src/memory/core-files.ts";
import { lineDifference } from "../src/text-difference.ts";
import { defineTool, type ToolContext } from "../src/tool.ts";

export default defineTool({
  name: "write_core_file",
  description:
    "Replace one of your core files as a whole. Read it in this run first, and keep every line that still holds.",
  input: z.object({
    name: z.enum(coreFileNames),
    content: z.string().describe("The whole new file, as markdown"),
  }),
  effects: ["privileged"],
  async confirm({ name, content }, { memory, tainted }: Pick<ToolContext, "memory" | "tainted" | "seen">) {
    const old = (await memory.core.read(name)).content;
    const before = entriesOf(old);
    const lost = before.filter((entry) => !entriesOf(content).includes(entry)).length;
    if (!tainted && lost <= before.length / 4) return undefined;
    return `Change ${name}.md like this?\n\n\`\`\`diff\n${lineDifference(old, content).replaceAll("```", "ʼʼʼ")}\n\`\`\``;
  },
  async run({ name, content }, { memory, seen }) {
    const hash = seen.get(`core:${name}`);
    if (hash === undefined) throw new Error(`Read ${name} with read_core_file first, then write it.`);
    await memory.core.write(name, content, hash);
    seen.set(`core:${name}`, (await memory.core.read(name)).hash);
    return `Saved ${name}.md. It holds from now on.`;
  },
});

function entriesOf(content: string): string[] {
  return content.split("\n").flatMap((line) => /^\s*[-*] (.+)$/.exec(line)?.[1]?.trim() ?? []);
}
