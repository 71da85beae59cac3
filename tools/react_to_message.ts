import { z } from "zod";
import { defineTool, type ToolContext } from "../src/tool.ts";

export default defineTool({
  name: "react_to_message",
  description: "Lay an emoji on the message that you are answering.",
  input: z.object({
    // Not a pattern in the schema: some model servers cannot read this one.
    emoji: z.string().refine((text) => /^\p{RGI_Emoji}$/v.test(text), "give one emoji and nothing else"),
  }),
  effects: ["reacts"],
  async run({ emoji }, { reply }: Pick<ToolContext, "reply">) {
    if (!reply) throw new Error("There is no message here to react to.");
    reply.react(emoji);
    return `Reacted with ${emoji}.`;
  },
});
