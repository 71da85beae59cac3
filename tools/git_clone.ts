import { z } from "zod";
import { downloadNameProblem, isGitName, nameProblem } from "../src/sandbox/names.ts";
import { quoted } from "../src/sandbox/visible.ts";
import { workspacePath } from "../src/sandbox/workspace.ts";
import { defineTool, type ToolContext } from "../src/tool.ts";
import { sized } from "./_amounts.ts";

type Context = Pick<ToolContext, "git" | "workspace" | "signal">;

/** The most that one file of a repository may have: more than that nothing here can read. */
const mostBytes = 50 * 1024 ** 2;

export default defineTool({
  name: "git_clone",
  description: "Copy the newest state of a public git repository (https) into a new folder of your workspace.",
  input: z.object({
    url: z.string(),
    directory: z.string().optional().describe("The new folder; named after the repository if left out"),
  }),
  effects: ["reads-web", "writes"],
  address: ({ url }) => url,
  async confirm({ url, directory }, { workspace }: Context) {
    const target = await newFolder(url, directory, workspace);
    return `Copy the repository into the new folder ${quoted(target)}?`;
  },
  async run({ url, directory }, { git, workspace, signal }: Context) {
    const target = await newFolder(url, directory, workspace);
    await using repository = await git.clone(url, signal);
    const files = repository.files.filter(({ path, bytes }) => bytes <= mostBytes && !isRefused(path));
    const leftOut = repository.files.length - files.length + repository.leftOut.length;
    if (files.length === 0) return `The repository has no files that could be kept (${leftOut} left out).`;
    const foreign = workspace.writingAs(() => "web");
    try {
      for await (const { path, bytes } of repository.read(files)) {
        signal.throwIfAborted();
        await foreign.writeFile(`${target}/${path}`, bytes, { overwrite: false });
      }
    } catch (error) {
      await workspace.deleteDirectory(target).catch(() => {});
      throw error;
    }
    const size = sized(files.reduce((sum, { bytes }) => sum + bytes, 0));
    const rest = leftOut === 0 ? "" : ` ${leftOut} left out: links, submodules, and what cannot be kept here.`;
    return { text: `Copied ${files.length} files (${size}) into ${quoted(`${target}/`)}.${rest}`, origin: "web" };
  },
});

async function newFolder(url: string, directory: string | undefined, workspace: Context["workspace"]): Promise<string> {
  const target = workspacePath(directory ?? nameOf(url));
  const [first = ""] = target.split("/");
  const problem = downloadNameProblem(first);
  if (problem) throw new Error(`The folder cannot be made: ${problem}`);
  const there = await workspace.stat(target);
  if (there && (there.kind !== "directory" || (await workspace.list(target, { limit: 1 })).length > 0))
    throw new Error(`${quoted(target)} is there already: name another folder.`);
  return target;
}

/** `https://example.com/ada/recipes.git` → `recipes` */
function nameOf(url: string): string {
  const last = URL.canParse(url) ? new URL(url).pathname.split("/").filter(Boolean).at(-1) : undefined;
  return decodeURI(last ?? "").replace(/\.git$/i, "") || "repository";
}

/** Names that the workspace does not take, and what would be git's own. */
function isRefused(path: string): boolean {
  return path.split("/").some((name) => nameProblem(name) !== undefined || isGitName(name));
}
