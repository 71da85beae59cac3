import { z } from "zod";
import { defineTool, type ToolContext } from "../src/tool.ts";

export default defineTool({
  name: "ask_agent",
  description:
    "Ask another agent of your owner, and get its answer. It does not see this conversation: say all that it must know.",
  input: z.object({ name: z.string(), question: z.string().trim().min(1).max(8_000) }),
  effects: ["delegates"],
  run: ({ name, question }, { team }: Pick<ToolContext, "team">) => team.ask(name, question),
});
