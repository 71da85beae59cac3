import { z } from "zod";
import { defineTool, type ToolContext } from "../src/tool.ts";

type Context = Pick<ToolContext, "team">;

export default defineTool({
  name: "create_agent",
  description:
    "Make a new agent for your owner: with an account, a room, files and a memory of its own, for one purpose. Only when the owner wants one.",
  input: z.object({
    name: z.string().trim().min(1).max(64),
    description: z.string().trim().min(1).max(300).describe("What it is for, in one line"),
    model: z.string().optional().describe("The name of a configured model; yours if left out"),
    instructions: z.string().max(2_400).optional().describe("Who it is and how it works, written to it"),
  }),
  effects: ["privileged"],
  mainOnly: true,
  confirm(input, { team }: Context) {
    const { id, name, description, model, instructions, tainted } = changesOf(team).plan(input);
    const warning = tainted
      ? "\n\n**I have read text from outside before this: it may be what wants this agent.**"
      : "";
    return [
      `Make the agent **${name}** (\`${id}\`) with the model \`${model}\`?`,
      `What it is for: ${description}`,
      `Its instructions:\n\n${quotedLines(instructions)}${warning}`,
    ].join("\n\n");
  },
  async run(input, { team }: Context) {
    const changes = changesOf(team);
    const { id, name, account } = await changes.create(changes.plan(input));
    if (!account) return `${name} is there. The owner reaches it with: memtrix chat --agent ${id}`;
    return `${name} is there as ${account}, and says hello to the owner by itself.`;
  },
});

function changesOf({ changes }: Context["team"]) {
  if (!changes) throw new Error("Only the main agent makes others: ask your owner to have it done there.");
  return changes;
}

/** Each line as a quotation: nothing of it can pass for words of ours. */
function quotedLines(text: string): string {
  return text
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");
}
