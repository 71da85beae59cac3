import { z } from "zod";
import { downloadNameProblem } from "../src/sandbox/names.ts";
import { quoted } from "../src/sandbox/visible.ts";
import { defineTool, type ToolContext } from "../src/tool.ts";
import { sized } from "./_amounts.ts";
import { downloadName, freePath } from "./_download-name.ts";
import { checkStatus } from "./_fetched.ts";

type Context = Pick<ToolContext, "egress" | "workspace" | "signal">;

const mostBytes = 50 * 1024 ** 2;

export default defineTool({
  name: "download_file",
  description: "Download a file from the web into downloads/ in your workspace.",
  input: z.object({
    url: z.string().describe("Whole, with https://"),
    filename: z.string().optional().describe("What to call it; as the server does if left out"),
  }),
  effects: ["reads-web", "writes"],
  address: ({ url }) => url,
  confirm({ url, filename }, { egress }: Context) {
    const { allow, rule } = egress.judge(url);
    if (!allow) throw new Error(`This address is not asked: ${rule}.`);
    const problem = filename === undefined ? undefined : downloadNameProblem(filename);
    if (problem) throw new Error(`It cannot be called that: ${problem}`);
    return `Download a file of at most ${sized(mostBytes)} into \`downloads/\`?`;
  },
  async run({ url, filename }, { egress, workspace, signal }: Context) {
    await using response = await egress.get(url, { mostBytes, signal });
    checkStatus(response);
    const path = await freePath(workspace, downloadName(filename, response));
    const bytes = await collected(response.body);
    await workspace.writingAs(() => "web").writeFile(path, bytes, { overwrite: false });
    const type = /^[\w.+/-]{1,80}/.exec(response.contentType)?.[0] ?? "unknown type";
    return { text: `Saved ${quoted(path)} (${sized(bytes.length)}, ${type}).`, origin: "web" };
  },
});

/** In one piece that grows in place: the parts and the whole are never there at once. */
async function collected(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const room = new ArrayBuffer(0, { maxByteLength: mostBytes });
  const bytes = new Uint8Array(room);
  for await (const chunk of body) {
    const at = room.byteLength;
    room.resize(at + chunk.length);
    bytes.set(chunk, at);
  }
  return bytes;
}
