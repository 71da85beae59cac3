import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CloneLimits, cloneRepository, openGit } from "../../src/egress/clone.ts";
import { createEgress } from "../../src/egress/egress.ts";
import { makeRepository } from "../support/git-repository.ts";
import { type GitServer, gitHost, startGitServer } from "../support/git-server.ts";
import { sharedFile, tableRows } from "../support/shared.ts";

describe("a clone", () => {
  let resources: AsyncDisposableStack;
  let served: string;
  let server: GitServer;
  let temporary: string;
  beforeAll(async () => {
    resources = new AsyncDisposableStack();
    served = resources.adopt(mkdtempSync(join(tmpdir(), "memtrix-test-")), (path) => rmSync(path, { recursive: true }));
    temporary = join(served, "temporary");
    mkdirSync(temporary);
    server = resources.use(await startGitServer(served));
  });
  afterAll(() => resources.disposeAsync());

  function clone(name: string, limits: Partial<CloneLimits> = {}, signal = new AbortController().signal) {
    const { port, certificates } = server;
    return cloneRepository(`https://${gitHost}:${port}/${name}`, {
      ...{ pinned: { host: gitHost, port, addresses: ["127.0.0.1"] }, temporary, certificates, limits, signal },
    });
  }

  async function contentOf(name: string): Promise<{ files: Record<string, string>; leftOut: readonly string[] }> {
    await using repository = await clone(name);
    const files: Record<string, string> = {};
    for await (const { path, bytes } of repository.read(repository.files)) files[path] = bytes.toString();
    return { files, leftOut: repository.leftOut };
  }

  it("brings every file to the byte, and nothing stays behind", async () => {
    const large = Buffer.alloc(700_000, "memtrix\n");
    makeRepository(served, "plain.git", [
      { path: "README.md", content: "# Hello\n" },
      { path: "src/deep/füße.txt", content: "ä\r\n\0" },
      { path: "empty", content: "" },
      { path: "large", content: large },
      { path: "run.sh", mode: "100755", content: "#!/bin/sh\n" },
    ]);
    const { files, leftOut } = await contentOf("plain.git");
    expect(files).toEqual({
      "README.md": "# Hello\n",
      "src/deep/füße.txt": "ä\r\n\0",
      empty: "",
      large: large.toString(),
      "run.sh": "#!/bin/sh\n",
    });
    expect(leftOut).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("has no files where nothing was committed yet", async () => {
    makeRepository(served, "nothing.git", []);
    expect(await contentOf("nothing.git")).toEqual({ files: {}, leftOut: [] });
  });

  it("leaves links and submodules out", async () => {
    const commit = "1111111111111111111111111111111111111111";
    const modules = '[submodule "x"]\n\tpath = x\n\turl = https://example.com/x\n';
    makeRepository(served, "links.git", [
      { path: ".gitmodules", content: modules },
      { path: "link", mode: "120000", content: "/etc/passwd" },
      { path: "x", mode: "160000", commit },
    ]);
    const { files, leftOut } = await contentOf("links.git");
    expect(files).toEqual({ ".gitmodules": modules });
    expect(leftOut).toEqual(["link", "x"]);
  });

  it("runs nothing that a repository would like to have run", async () => {
    const marker = join(served, "ran");
    const command = `touch ${marker}`;
    makeRepository(served, "eager.git", [
      { path: ".gitattributes", content: "* filter=evil diff=evil\n" },
      { path: ".gitconfig", content: `[filter "evil"]\n\tsmudge = ${command}\n` },
      { path: "bare/HEAD", content: "ref: refs/heads/main\n" },
      { path: "bare/config", content: `[core]\n\tbare = true\n\tfsmonitor = ${command}\n` },
      { path: "bare/hooks/post-checkout", mode: "100755", content: `#!/bin/sh\n${command}\n` },
      { path: "bare/objects/x", content: "" },
      { path: "bare/refs/x", content: "" },
    ]);
    const { files } = await contentOf("eager.git");
    expect(files[".gitattributes"]).toBe("* filter=evil diff=evil\n");
    expect(readdirSync(served)).not.toContain("ran");
  });

  it.each([
    [
      "a submodule of a transport that runs commands",
      ".gitmodules",
      '[submodule "x"]\npath = x\nurl = ext::sh -c id\n',
    ],
    [
      "a submodule whose path ends in a carriage return",
      ".gitmodules",
      '[submodule "x"]\n\tpath = "x\r"\n\turl = https://example.com/x\n',
    ],
    ["a submodule whose url is an option", ".gitmodules", '[submodule "x"]\npath = x\nurl = -u./payload\n'],
    [
      "a submodule with a path out of the tree",
      ".gitmodules",
      '[submodule "../x"]\npath = ../x\nurl = https://e.com/\n',
    ],
    ["a folder called .git", ".git/config", "[core]\nfsmonitor = id\n"],
    ["a folder called .GIT", ".GIT/config", "[core]\nfsmonitor = id\n"],
    ["a folder called git~1", "git~1/config", "[core]\nfsmonitor = id\n"],
    ["a path through the parent", "../escaped", "x"],
  ])("is inert with %s", async (what, path, content) => {
    const name = `${what.replaceAll(/\W/g, "-")}.git`;
    makeRepository(served, name, [{ path, content }]);
    const outcome = await contentOf(name).then(
      ({ files }) => files,
      (error: Error) => error.message,
    );
    if (typeof outcome === "string") expect(outcome).toMatch(/^(fatal|error|remote):/);
    // Where git lets it pass, it is text of a file, and its name is for the workspace to judge.
    else expect(Object.values(outcome)).toEqual([content]);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("connects to the address that was checked, whatever the name says", async () => {
    makeRepository(served, "pinned.git", [{ path: "a", content: "b" }]);
    // No resolver knows this name: without the pin there would be no connection.
    expect((await contentOf("pinned.git")).files).toEqual({ a: "b" });
  });

  it.each(["http://git.example.com/x", "ext::sh -c id", "file:///etc", "/etc", "ssh://git@git.example.com/x"])(
    "does not go to %s, even if it were let through",
    async (address) => {
      const pinned = { host: gitHost, port: 80, addresses: ["127.0.0.1"] };
      const { signal } = new AbortController();
      await expect(cloneRepository(address, { pinned, temporary, signal })).rejects.toThrow(/not allowed|not exist/);
    },
  );

  it("follows no redirect", async () => {
    server.intercept((_request, response) => {
      response.writeHead(302, { location: `https://${gitHost}:${server.port}/plain.git/info/refs` }).end();
      return true;
    });
    await expect(clone("moved.git")).rejects.toThrow("The requested URL returned error: 302");
    server.intercept(() => false);
  });

  it("gives up where a password is wanted", async () => {
    server.intercept((_request, response) => {
      response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
      return true;
    });
    await expect(clone("closed.git")).rejects.toThrow(/^fatal: .*(?:Authentication failed|could not read)/);
    server.intercept(() => false);
  });

  it("hands on nothing that could steer a terminal", async () => {
    server.intercept((_request, response) => {
      const message = "ERR \u001b[31mred\u001b]0;title\u0007";
      response.writeHead(200, { "content-type": "application/x-git-upload-pack-advertisement" });
      response.end(`${(message.length + 4).toString(16).padStart(4, "0")}${message}`);
      return true;
    });
    const message = await clone("escapes.git").catch((error: Error) => error.message);
    expect(message).toMatch(/red/);
    expect(message).not.toMatch(/\p{Cc}/u);
    server.intercept(() => false);
  });

  it("ends with all its processes when time is up, and leaves nothing", async () => {
    server.intercept(() => true); // Never an answer.
    await expect(clone("slow.git", { totalMs: 300 })).rejects.toThrow("The repository took longer than 0.3 s.");
    expect(readdirSync(temporary)).toEqual([]);
    server.intercept(() => false);
  });

  it("ends at once when its caller gives up", async () => {
    const stopping = new AbortController();
    server.intercept(() => {
      stopping.abort(new Error("stop"));
      return true;
    });
    await expect(clone("slow.git", {}, stopping.signal)).rejects.toThrow("stop");
    expect(readdirSync(temporary)).toEqual([]);
    server.intercept(() => false);
  });

  describe("by its address", () => {
    const asked: string[] = [];
    async function gitThat() {
      const { port, certificates } = server;
      const resolve = async (host: string) => {
        asked.push(host);
        return ["127.0.0.1"];
      };
      const egress = createEgress({ allow: [`${gitHost}:${port}`], resolve });
      return openGit({ egress, certificates, temporary: join(served, "fetched") });
    }

    it("is had where the rules allow it", async () => {
      makeRepository(served, "ruled.git", [{ path: "a", content: "b" }]);
      const git = await gitThat();
      await using repository = await git.clone(
        `https://${gitHost}:${server.port}/ruled.git`,
        AbortSignal.timeout(9_000),
      );
      expect(repository.files.map(({ path }) => path)).toEqual(["a"]);
      makeRepository(served, "without-suffix", [{ path: "b", content: "c" }]);
      await using other = await git.clone(
        `https://${gitHost}:${server.port}/without-suffix`,
        AbortSignal.timeout(9_000),
      );
      expect(other.files.map(({ path }) => path)).toEqual(["b"]);
    });

    it("is refused over http, although pages are not", async () => {
      const git = await gitThat();
      await expect(git.clone(`http://${gitHost}:${server.port}/a`, AbortSignal.timeout(9_000))).rejects.toThrow(
        "repositories come over https only",
      );
    });

    const cases = sharedFile("cases/path-cases.tsv");
    const rows = cases ? tableRows(readFileSync(cases, "utf8")).filter(({ op }) => op === "git_url") : [];
    it.skipIf(!cases).each(rows.filter(({ verdict }) => verdict === "deny"))("$input is refused: $why", async (row) => {
      const git = await gitThat();
      asked.length = 0;
      const address = (row.input ?? "").replaceAll("\\n", "\n");
      await expect(git.clone(address, AbortSignal.timeout(9_000))).rejects.toThrow();
      expect(asked).toEqual([]);
    });
  });

  it("refuses more files than it may have", async () => {
    const entries = Array.from({ length: 60 }, (_, index) => ({ path: `f${index}`, content: "same" }));
    makeRepository(served, "many.git", entries);
    await expect(clone("many.git", { files: 50 })).rejects.toThrow("The repository has more than 50 files.");
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("refuses a small pack that holds huge files", async () => {
    makeRepository(served, "bomb.git", [{ path: "zeros", content: Buffer.alloc(64 * 1024 ** 2) }]);
    await expect(clone("bomb.git", { bytes: 32 * 1024 ** 2 })).rejects.toThrow("The repository has more than 32 MiB.");
    expect(readdirSync(temporary)).toEqual([]);
  });
});
