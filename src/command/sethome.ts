import type { Command, CommandContext } from "./command.ts";

export const sethome: Command<Pick<CommandContext, "home">> = {
  name: "sethome",
  summary: "send notices that belong to no conversation here",
  who: "owner",
  async run(_args, { home }) {
    if (!home) return "Only a Matrix room can be my home room.";
    home.set();
    return "This is my home room from now on: what belongs to no other conversation is told here.";
  },
};
