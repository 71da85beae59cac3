import type { Command, CommandContext } from "./command.ts";

export const stop: Command<Pick<CommandContext, "conversation">> = {
  name: "stop",
  summary: "end what I am doing",
  who: "owner",
  async run(_args, { conversation }) {
    const { running, dropped } = conversation.stop();
    if (!running) return "There is nothing to stop.";
    if (dropped === 0) return "Stopped.";
    return `Stopped, and ${dropped === 1 ? "the message that was waiting is" : `the ${dropped} messages that were waiting are`} dropped.`;
  },
};
