import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openGit } from "../../src/egress/clone.ts";
import { createEgress } from "../../src/egress/egress.ts";
import type { Origin } from "../../src/origin.ts";
import { openFolder } from "../../src/sandbox/folder.ts";
import { openWorkspace, type Workspace } from "../../src/sandbox/workspace.ts";
import gitClone from "../../tools/git_clone.ts";
import { makeRepository } from "../support/git-repository.ts";
import { type GitServer, gitHost, startGitServer } from "../support/git-server.ts";
import { temporaryFolder } from "../support/temporary.ts";

describe("git_clone", () => {
  let resources: AsyncDisposableStack;
  let served: string;
  let server: GitServer;
  let root: string;
  let workspace: Workspace;
  beforeAll(async () => {
    resources = new AsyncDisposableStack();
    served = resources.adopt(mkdtempSync(join(tmpdir(), "memtrix-test-")), (path) => rmSync(path, { recursive: true }));
    server = resources.use(await startGitServer(served));
    makeRepository(served, "recipes.git", [
      { path: "README.md", content: "# Recipes\n" },
      { path: "soups/leek.md", content: "leek\n" },
      { path: "soups/a:b.md", content: "no name on Windows\n" },
      { path: "link", mode: "120000", content: "/etc/passwd" },
    ]);
  });
  afterAll(() => resources.disposeAsync());
  beforeEach(async () => {
    root = temporaryFolder();
    workspace = openWorkspace({ folder: await openFolder(root), origins: new Map<string, Origin>() });
  });

  async function context() {
    const { port, certificates } = server;
    const egress = createEgress({ allow: [`${gitHost}:${port}`], resolve: async () => ["127.0.0.1"] });
    const git = await openGit({ egress, certificates, temporary: join(served, "fetched") });
    return { git, workspace, signal: AbortSignal.timeout(20_000) };
  }
  const url = () => `https://${gitHost}:${server.port}/recipes.git`;

  it("copies the files into a folder called after the repository, marked as foreign", async () => {
    const output = await gitClone.run({ url: url() }, await context());
    expect(output).toEqual({
      text: "Copied 2 files (15 bytes) into `recipes/`. 2 left out: links, submodules, and what cannot be kept here.",
      origin: "web",
    });
    expect((await workspace.list("", { depth: 3 })).map(({ path }) => path)).toEqual([
      "recipes",
      "recipes/README.md",
      "recipes/soups",
      "recipes/soups/leek.md",
    ]);
    expect((await workspace.readFile("recipes/README.md")).origin).toBe("web");
    expect(readFileSync(join(root, "recipes/soups/leek.md"), "utf8")).toBe("leek\n");
  });

  it("asks first, naming the folder", async () => {
    expect(await gitClone.confirm?.({ url: url(), directory: "food" }, await context())).toContain("`food`");
  });

  it.each(["../x", "-x", ".hidden", "memory", "USER.md", "a/../../x", "/tmp/x", ".git"])(
    "does not copy into %s, and does not go out for it",
    async (directory) => {
      const before = server.requests.length;
      await expect(gitClone.run({ url: url(), directory }, await context())).rejects.toThrow();
      await expect(async () => gitClone.confirm?.({ url: url(), directory }, await context())).rejects.toThrow();
      expect(server.requests.length).toBe(before);
    },
  );

  it("overwrites nothing", async () => {
    await workspace.writeFile("recipes/mine.md", "mine", { overwrite: false });
    await expect(gitClone.run({ url: url() }, await context())).rejects.toThrow("`recipes` is there already");
    expect((await workspace.readFile("recipes/mine.md")).bytes.toString()).toBe("mine");
  });

  it("leaves nothing behind when the workspace is too small", async () => {
    workspace = openWorkspace({
      ...{ folder: await openFolder(root), origins: new Map<string, Origin>(), quotaBytes: 12 },
    });
    await expect(gitClone.run({ url: url() }, await context())).rejects.toThrow("The workspace is full");
    expect(await workspace.list("")).toEqual([]);
  });
});
