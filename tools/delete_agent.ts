import { z } from "zod";
import { defineTool, type ToolContext } from "../src/tool.ts";

type Context = Pick<ToolContext, "team">;

export default defineTool({
  name: "delete_agent",
  description: "Remove an agent of your owner for good, with its account, files and memory.",
  input: z.object({ name: z.string() }),
  effects: ["privileged", "destroys"],
  mainOnly: true,
  confirm({ name }, { team }: Context) {
    changesOf(team);
    const { id, name: shown, account, description } = team.find(name);
    return `Remove the agent **${shown}** (\`${id}\`${account ? `, ${account}` : ""}; ${description}) for good, with its conversations, files and memory?`;
  },
  async run({ name }, { team }: Context) {
    const { id, name: shown } = team.find(name);
    await changesOf(team).delete(id);
    return `${shown} is gone, and so is all that it kept.`;
  },
});

function changesOf({ changes }: Context["team"]) {
  if (!changes) throw new Error("Only the main agent removes others: ask your owner to have it done there.");
  return changes;
}
