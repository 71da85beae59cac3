import { z } from "zod";
import { dayOf, timeOf } from "../src/time.ts";
import { defineTool, type ToolContext } from "../src/tool.ts";

export default defineTool({
  name: "list_agents",
  description: "List the agents of your owner, you among them: what each is for, its model and state.",
  input: z.object({}),
  effects: ["reads-private"],
  repeatable: true,
  async run(_input, { team, timezone }: Pick<ToolContext, "team" | "timezone">) {
    return team
      .list()
      .map(({ name, description, account, model, state, lastSeen }, index) => {
        const seen = lastSeen ? `last seen ${dayOf(lastSeen, timezone)} ${timeOf(lastSeen, timezone)}` : "not seen yet";
        const about = [account, `model ${model}`, state, seen].filter(Boolean).join(", ");
        return `- ${name}${index === 0 ? " (you)" : ""}: ${description}\n  ${about}`;
      })
      .join("\n");
  },
});
