import type { Command, CommandContext } from "./command.ts";

export const clear: Command<Pick<CommandContext, "conversation">> = {
  name: "clear",
  aliases: ["new"],
  summary: "begin a fresh conversation; the old one stays searchable",
  who: "owner",
  async run(_args, { conversation }) {
    conversation.clear();
    return "A fresh start. What was said before stays in my memory, and I can search it.";
  },
};
