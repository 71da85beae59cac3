import { z } from "zod";
import { coreFileNames } from "../src/memory/core-files.ts";
import { visible } from "../src/sandbox/visible.ts";
import { lineDifference } from "../src/text-difference.ts";
import { defineTool, type ToolContext } from "../src/tool.ts";

export default defineTool({
  name: "write_core_file",
  description:
    "Write one of your core files. Call read_core_file first. Write the whole file: what you leave out is lost.",
  input: z.object({
    name: z.enum(coreFileNames),
    content: z.string().describe("The whole new file, as markdown"),
  }),
  effects: ["privileged"],
  async confirm(
    { name, content: written },
    { memory, tainted, seen }: Pick<ToolContext, "memory" | "tainted" | "seen">,
  ) {
    hashAsRead(name, seen);
    const content = withoutSize(written);
    const old = (await memory.core.read(name)).content;
    const [before, after] = [entriesOf(old), entriesOf(content)];
    const lost = before.filter((entry) => !after.some((other) => isVersionOf(entry, other))).length;
    if (!tainted && lost <= before.length / 4) return undefined;
    return `Change ${name}.md like this?\n\n\`\`\`diff\n${shown(lineDifference(old, content))}\n\`\`\``;
  },
  async run({ name, content }, { memory, seen }) {
    await memory.core.write(name, withoutSize(content), hashAsRead(name, seen));
    seen.set(`core:${name}`, (await memory.core.read(name)).hash);
    return `Saved ${name}.md. It holds from now on.`;
  },
});

function hashAsRead(name: string, seen: ToolContext["seen"]): string {
  const hash = seen.get(`core:${name}`);
  if (hash === undefined) throw new Error(`Read ${name} with read_core_file first, then write it.`);
  return hash;
}

/** Models copy the line with which read_core_file ends. */
function withoutSize(content: string): string {
  return content.replace(/\s*\[This is all of \w+\.md: \d+ of \d+ characters\.\]\s*/g, "\n");
}

/** The same entry, or a corrected one: half of its words are still there. */
function isVersionOf(entry: string, other: string): boolean {
  const words = entry.toLowerCase().split(/\s+/);
  const kept = words.filter((word) => other.toLowerCase().split(/\s+/).includes(word));
  return kept.length >= words.length / 2;
}

function entriesOf(content: string): string[] {
  return content.split("\n").flatMap((line) => /^\s*(?:[-*+]|\d+[.)])\s+(.+)$/.exec(line)?.[1]?.trim() ?? []);
}

/** As it can stand in a fence, with what nobody would see made visible. */
function shown(difference: string): string {
  return difference.split("\n").map(visible).join("\n").replaceAll("```", "ʼʼʼ");
}
