import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { doctorPath } from "../../src/cli/doctor-path.ts";
import { createConfinedFolder } from "../../src/sandbox/confined-folder.ts";
import { openByDescriptor } from "../../src/sandbox/descriptors.ts";
import type { Folder } from "../../src/sandbox/folder.ts";
import { agentIdProblem, downloadNameProblem } from "../../src/sandbox/names.ts";
import { openByRealPath } from "../../src/sandbox/real-paths.ts";
import { openWorkspace, type Workspace } from "../../src/sandbox/workspace.ts";
import { canary, createPlace, type Place } from "../support/place.ts";
import { sharedFile, tableRows } from "../support/shared.ts";

const file = sharedFile("cases/path-cases.tsv");
const forOtherTools = /^(git_|archive)/;
const rows = file ? tableRows(readFileSync(file, "utf8")).filter(({ op = "" }) => !forOtherTools.test(op)) : [];
const ways = process.platform === "linux" ? { openByDescriptor, openByRealPath } : { openByRealPath };

/** The real thing, each gives what it saw: a refusal is a throw. */
const operations: Record<string, (workspace: Workspace, path: string) => Promise<unknown>> = {
  read: async (workspace, path) => (await workspace.readFile(path)).bytes.toString(),
  send: async (workspace, path) => (await workspace.readFile(path)).bytes.toString(),
  write: (workspace, path) => workspace.writeFile(path, "written", { overwrite: true }),
  list: (workspace, path) => workspace.list(path),
  search: (workspace, path) => workspace.list(path, { depth: 32 }),
  delete: async (workspace, path) =>
    (await workspace.stat(path))?.kind === "directory" ? workspace.deleteDirectory(path) : workspace.deleteFile(path),
  download_name: async (_, name) => throwIf(downloadNameProblem(name)),
  agent_id: async (_, id) => throwIf(agentIdProblem(id)),
};

describe.skipIf(rows.length === 0).each(Object.entries(ways))("paths, %s", (_, open) => {
  it.each(rows.filter(({ setup }) => !setup?.startsWith("race:")))("$verdict $op $input ($why)", async (row) => {
    using place = createPlace();
    const [input, setup] = [decoded(row.input), decoded(row.setup)];
    place.lay(setup);
    const folder = createConfinedFolder(() => open(place.root));

    const forecast = await doctorPath(row.op ?? "", input, folder);
    const result = await attempt(row.op ?? "", folder, input);

    expect(result.verdict, result.text).toBe(row.verdict);
    expect(forecast.allowed ? "allow" : "deny", forecast.reason).toBe(row.verdict);
    expect(result.text).not.toContain(canary);
    expectCleanSentence(result, place);
    expect(place.outsideIsUntouched()).toBe(true);
  });
});

async function attempt(operation: string, folder: Folder, path: string) {
  const workspace = openWorkspace({ folder, origins: new Map() });
  try {
    const seen = await operations[operation]?.(workspace, path);
    return { verdict: "allow", text: JSON.stringify(seen) ?? "" };
  } catch (error) {
    return { verdict: "deny", text: error instanceof Error ? error.message : String(error) };
  }
}

function expectCleanSentence({ verdict, text }: { verdict: string; text: string }, place: Place): void {
  if (verdict === "allow") return;
  expect(text).toMatch(/^[^\n]{10,250}\.$/);
  expect(text).not.toContain(place.root);
  expect(text).not.toContain("/proc/self/fd");
}

function decoded(cell = ""): string {
  return JSON.parse(`"${cell}"`);
}

function throwIf(problem: string | undefined): void {
  if (problem) throw new Error(problem);
}
