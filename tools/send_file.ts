import { createHash } from "node:crypto";
import { z } from "zod";
import { quoted } from "../src/sandbox/visible.ts";
import { defineTool, type ToolContext } from "../src/tool.ts";
import { sized } from "./_amounts.ts";

type Context = Pick<ToolContext, "workspace" | "reply" | "tainted" | "signal">;

export default defineTool({
  name: "send_file",
  description: "Send a file of your workspace to the person you are talking to.",
  input: z.object({ path: z.string(), caption: z.string().max(2_000).optional().describe("Words beside it") }),
  effects: ["sends"],
  async confirm({ path }, { workspace, reply, tainted }: Context) {
    const { bytes } = await workspace.readFile(path);
    const others = (await reply?.others()) ?? [];
    if (others.length === 0 && !tainted) return undefined;
    const readers = others.length > 0 ? ` to a room that these people read: ${others.join(", ")}` : "";
    return `Send ${quoted(path)} (${sized(bytes.length)})${readers}?`;
  },
  async contentHash({ path }, { workspace }: Context) {
    return createHash("sha256")
      .update((await workspace.readFile(path)).bytes)
      .digest("hex");
  },
  async run({ path, caption }, { workspace, reply, signal }: Context) {
    if (!reply) throw new Error("There is no conversation here to send it to: tell who asked where the file is.");
    const { bytes } = await workspace.readFile(path);
    const name = path.split("/").at(-1) ?? path;
    await reply.sendFile({ name, bytes, caption, path }, signal);
    return `Sent ${quoted(path)} (${sized(bytes.length)}).`;
  },
});
