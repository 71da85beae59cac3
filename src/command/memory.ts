import { describeRecollection, describeStatus, type ReindexProgress } from "../memory/memory.ts";
import type { Command, CommandContext } from "./command.ts";

export const memory: Command<Pick<CommandContext, "memory">> = {
  name: "memory",
  usage: "[search WORDS | reindex]",
  summary: "how the memory is, or what it holds on something",
  who: "owner",
  async run(args, { memory }) {
    const [action, ...words] = args.split(/\s+/);
    if (!action || action === "status") return `Memory: ${describeStatus(await memory.status())}`;
    if (action === "reindex") return reindex(memory);
    if (action !== "search" || words.length === 0)
      return "Type `/memory`, `/memory search WORDS` or `/memory reindex`.";
    const hits = await memory.search({ text: words.join(" "), limit: 8 });
    const shortcoming = memory.shortcoming();
    const note = shortcoming === undefined ? "" : `\n\n(${shortcoming}.)`;
    return (hits.length === 0 ? "Nothing found." : hits.map(describeRecollection).join("\n\n")) + note;
  },
};

/** Resolves when all is done; what was there before is used until then. */
async function reindex(memory: CommandContext["memory"]): Promise<string> {
  const amounts = new Map<ReindexProgress["what"], number>();
  await memory.reindex(({ what, all }) => amounts.set(what, all));
  const counts = [...amounts].map(([what, all]) => `${all} ${what}`);
  return `Indexed anew: ${counts.join(", ") || "nothing was there"}. Memory: ${describeStatus(await memory.status())}`;
}
