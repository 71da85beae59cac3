import type { Command, CommandContext } from "./command.ts";

export const status: Command<Pick<CommandContext, "status">> = {
  name: "status",
  summary: "how I am: model, memory, queue, problems",
  who: "owner",
  async run(_args, { status }) {
    return (await status()).map(([name, state]) => `- **${name}**: ${state}`).join("\n");
  },
};
