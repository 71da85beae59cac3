import type { Command, CommandContext } from "./command.ts";

export const help: Command<Pick<CommandContext, "commands">> = {
  name: "help",
  summary: "what you can type here",
  who: "anyone",
  async run(_args, { commands }) {
    return commands
      .map(({ name, usage, summary }) => `- \`/${[name, usage].filter(Boolean).join(" ")}\` ${summary}`)
      .join("\n");
  },
};
