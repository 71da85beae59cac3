import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CloneLimits, cloneRepository } from "../../src/egress/clone.ts";
import { makeRepository } from "../support/git-repository.ts";
import { type GitServer, gitHost, startGitServer } from "../support/git-server.ts";

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
    return cloneFrom(["127.0.0.1"], name, limits, signal);
  }

  function cloneFrom(addresses: string[], name: string, limits = {}, signal = new AbortController().signal) {
    const { port, certificates } = server;
    return cloneRepository(`https://${gitHost}:${port}/${name}`, {
      ...{ pinned: { host: gitHost, port, addresses }, temporary, certificates, limits, signal },
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

  it("tries the checked addresses one after the other", async () => {
    makeRepository(served, "several.git", [{ path: "a", content: "b" }]);
    // Nobody listens at the first two.
    await using repository = await cloneFrom(["127.0.0.9", "::1", "127.0.0.1"], "several.git");
    expect(repository.files.map(({ path }) => path)).toEqual(["a"]);
  });

  it("asks for the newest commit of one branch, and for nothing before or beside it", async () => {
    const path = makeRepository(served, "long.git", [{ path: "a", content: "first" }]);
    const git = (...args: string[]): string =>
      execFileSync("git", ["-C", path, "-c", "user.name=A", "-c", "user.email=a@example.com", ...args], {
        encoding: "utf8",
      }).trim();
    const first = git("rev-parse", "main");
    git("update-ref", "refs/heads/main", git("commit-tree", "main^{tree}", "-p", first, "-m", "second"));
    git("update-ref", "refs/heads/beside", git("commit-tree", "main^{tree}", "-m", "beside"));
    git("update-ref", "refs/tags/old", first);
    const asked: string[] = [];
    server.intercept((request) => {
      request.on("data", (part: Buffer) => asked.push(part.toString("latin1")));
      return false;
    });
    await using repository = await clone("long.git");
    server.intercept(() => false);
    expect(repository.files).toHaveLength(1);
    const wants = [...asked.join("").matchAll(/want ([0-9a-f]{40})/g)].map(([, id]) => id);
    expect(new Set(wants)).toEqual(new Set([git("rev-parse", "main")]));
    expect(asked.join("")).toContain("deepen 1");
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

  it("ends when the server goes on, and so slowly that it would take for ever", async () => {
    let drops: NodeJS.Timeout | undefined;
    server.intercept((_request, response) => {
      response.writeHead(200, { "content-type": "application/x-git-upload-pack-advertisement" });
      drops = setInterval(() => response.write("0"), 50);
      return true;
    });
    const began = performance.now();
    await expect(clone("dripping.git", { slowSeconds: 1 })).rejects.toThrow("Less than 1000 bytes/sec transferred");
    clearInterval(drops);
    expect(performance.now() - began).toBeLessThan(15_000);
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

  it("refuses more files than it may have", async () => {
    const entries = Array.from({ length: 60 }, (_, index) => ({ path: `f${index}`, content: "same" }));
    makeRepository(served, "many.git", entries);
    await expect(clone("many.git", { files: 50 })).rejects.toThrow("The repository has more than 50 files.");
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("ends while it still comes when it is more on the disk than its files may be", async () => {
    // A link is no file: only the folder's size tells.
    const content = randomBytes(1_500_000).toString("hex");
    makeRepository(served, "fat.git", [{ path: "link", mode: "120000", content }]);
    server.intercept((_request, response) => {
      const end = response.end.bind(response);
      response.end = () => {
        setTimeout(() => end(), 3_000);
        return response;
      };
      return false;
    });
    await expect(clone("fat.git", { bytes: 1024 ** 2 })).rejects.toThrow("The repository has more than 1 MiB.");
    server.intercept(() => false);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("takes as much as it may have, to the byte", async () => {
    makeRepository(served, "exact.git", [{ path: "a", content: "x".repeat(5_000_000) }]);
    await using repository = await clone("exact.git", { bytes: 5_000_000, files: 1 });
    expect(repository.files).toHaveLength(1);
    await expect(clone("exact.git", { bytes: 4_999_999 })).rejects.toThrow("The repository has more than 5 MiB.");
  });

  it("refuses a small pack that holds huge files", async () => {
    makeRepository(served, "bomb.git", [{ path: "zeros", content: Buffer.alloc(64 * 1024 ** 2) }]);
    await expect(clone("bomb.git", { bytes: 32 * 1024 ** 2 })).rejects.toThrow("The repository has more than 32 MiB.");
    expect(readdirSync(temporary)).toEqual([]);
  });
});
