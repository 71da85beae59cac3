import type { Command, CommandContext } from "./command.ts";

export const model: Command<Pick<CommandContext, "models">> = {
  name: "model",
  usage: "[NAME [always]]",
  summary: "list the models, or switch: for this conversation, or always",
  who: "owner",
  async run(args, { models }) {
    const [name, scope] = args.split(/\s+/);
    const available = models.available();
    if (!name) {
      const current = models.current();
      return available
        .map(({ name, description }) => `- ${name === current ? `**${name}** (in use)` : name}: ${description}`)
        .join("\n");
    }
    if (!available.some((one) => one.name === name))
      return `There is no model named ${name}. There are: ${available.map((one) => one.name).join(", ")}.`;
    if (scope !== undefined && scope !== "always") return "Type `/model NAME` or `/model NAME always`.";
    models.choose(name, scope === "always" ? "agent" : "conversation");
    return scope === "always" ? `${name} answers from now on.` : `${name} answers in this conversation from now on.`;
  },
};
