import { z } from "zod";
import { downloadNameProblem } from "../src/sandbox/names.ts";
import { quoted } from "../src/sandbox/visible.ts";
import { defineTool, type ToolContext } from "../src/tool.ts";
import { sized } from "./_amounts.ts";
import { downloadName, freePath } from "./_download-name.ts";
import { checkStatus } from "./_fetched.ts";

type Context = Pick<ToolContext, "egress" | "workspace" | "signal" | "progress">;

/** How often the person hears how far it is. */
const tellEveryMs = 2_000;

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
    return `Download a file of at most ${egress.downloadBytes / 1024 ** 2} MiB into \`downloads/\`?`;
  },
  async run({ url, filename }, { egress, workspace, signal, progress }: Context) {
    const mostBytes = egress.downloadBytes;
    await using response = await egress.get(url, { mostBytes, signal, onProgress: everySoOften(progress) });
    checkStatus(response);
    const path = await freePath(workspace, downloadName(filename, response));
    const bytes = await collected(response.body, mostBytes);
    await workspace.writingAs(() => "web").writeFile(path, bytes, { overwrite: false });
    const type = /^[\w.+/-]{1,80}/.exec(response.contentType)?.[0] ?? "unknown type";
    return { text: `Saved ${quoted(path)} (${sized(bytes.length)}, ${type}).`, origin: "web" };
  },
});

/** In one piece that grows in place: the parts and the whole are never there at once. */
async function collected(body: AsyncIterable<Uint8Array>, mostBytes: number): Promise<Uint8Array> {
  const room = new ArrayBuffer(0, { maxByteLength: mostBytes });
  const bytes = new Uint8Array(room);
  for await (const chunk of body) {
    const at = room.byteLength;
    room.resize(at + chunk.length);
    bytes.set(chunk, at);
  }
  return bytes;
}

function everySoOften(tell: (text: string) => void): (bytes: number, totalBytes?: number) => void {
  let last = performance.now();
  return (bytes, totalBytes) => {
    if (performance.now() - last < tellEveryMs) return;
    last = performance.now();
    tell(totalBytes === undefined ? sized(bytes) : `${sized(bytes)} of ${sized(totalBytes)}`);
  };
}
