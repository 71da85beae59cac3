import type { Folder } from "../sandbox/folder.ts";
import { agentIdProblem, downloadNameProblem } from "../sandbox/names.ts";
import { quoted } from "../sandbox/visible.ts";
import { openWorkspace, type Workspace, workspacePath } from "../sandbox/workspace.ts";

export interface PathVerdict {
  allowed: boolean;
  reason: string;
}

/** Each finds a reason against the operation, as a throw, and changes nothing on the disk. */
const checks: Record<string, (path: string, workspace: Workspace) => Promise<void>> = {
  async read(path, workspace) {
    await workspace.readFile(path);
  },
  async send(path, workspace) {
    await workspace.readFile(path);
  },
  async write(path, workspace) {
    await checkPlace(path, workspace, "file");
  },
  async mkdir(path, workspace) {
    await checkPlace(path, workspace, "directory");
  },
  async delete(path, workspace) {
    if (workspacePath(path) === "") throw new Error("The workspace itself is not deleted.");
    if (!(await workspace.stat(path))) throw new Error("There is nothing of this name for file tools.");
  },
  async list(path, workspace) {
    await workspace.list(path);
  },
  async search(path, workspace) {
    await workspace.list(path, { depth: Number.POSITIVE_INFINITY });
  },
  async download_name(name) {
    throwProblem(downloadNameProblem(name));
  },
  async agent_id(id) {
    throwProblem(agentIdProblem(id));
  },
};

export const pathOperations: readonly string[] = Object.keys(checks);

/** Whether file tools may do this in the workspace that `folder` holds, and why. Changes nothing on the disk. */
export async function doctorPath(operation: string, path: string, folder: Folder): Promise<PathVerdict> {
  const check = Object.hasOwn(checks, operation) ? checks[operation] : undefined;
  if (!check) return { allowed: false, reason: `There is no operation of this name: ${pathOperations.join(", ")}.` };
  const unmarked = { get: () => undefined, set() {}, delete() {} };
  try {
    await check(path, openWorkspace({ folder, origins: unmarked }));
    return { allowed: true, reason: "nothing speaks against it" };
  } catch (error) {
    return { allowed: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Throws unless the path is free, or what stands there is of this kind; above it there may only be folders. */
async function checkPlace(given: string, workspace: Workspace, kind: "file" | "directory"): Promise<void> {
  const names = workspacePath(given).split("/");
  for (const level of names.keys()) {
    const path = names.slice(0, level + 1).join("/");
    const isLast = level === names.length - 1;
    const entry = await workspace.stat(path);
    if (!entry) return;
    if (entry.kind === (isLast ? kind : "directory")) continue;
    const found = entry.kind === "other" ? "a link or a special file" : `a ${entry.kind}`;
    throw new Error(`${quoted(path)} is ${found}.`);
  }
}

function throwProblem(problem: string | undefined): void {
  if (problem) throw new Error(problem);
}
