import type { Command, CommandContext, SwitchName } from "./command.ts";

function switchCommand(name: SwitchName, summary: string, title: string): Command<Pick<CommandContext, "switches">> {
  return {
    name,
    usage: "on|off",
    summary,
    who: "owner",
    async run(args, { switches }) {
      const wanted = args.toLowerCase();
      if (wanted === "") return `${title}: ${switches.get(name) ? "on" : "off"}.`;
      if (wanted !== "on" && wanted !== "off") return `Type \`/${name} on\` or \`/${name} off\`.`;
      switches.set(name, wanted === "on");
      return `${title}: ${wanted}.`;
    },
  };
}

export const verbose = switchCommand("verbose", "show tool calls with their results", "Showing tool calls");
export const reasoning = switchCommand("reasoning", "show the model's thinking", "Showing the model's thinking");
