import { describeRecollection } from "../memory/memory.ts";
import type { Command, CommandContext } from "./command.ts";

export const memory: Command<Pick<CommandContext, "memory">> = {
  name: "memory",
  usage: "[search WORDS]",
  summary: "how the memory is, or what it holds on something",
  who: "owner",
  async run(args, { memory }) {
    const [action, ...words] = args.split(/\s+/);
    if (!action || action === "status") return `Memory: ${(await memory.status()).text}.`;
    if (action !== "search" || words.length === 0) return "Type `/memory`, or `/memory search WORDS`.";
    const hits = await memory.search({ text: words.join(" "), limit: 8 });
    return hits.length === 0 ? "Nothing found." : hits.map(describeRecollection).join("\n\n");
  },
};
