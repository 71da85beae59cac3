import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { folderSize } from "../../src/egress/folder-size.ts";
import { type GitProcess, startGit } from "../../src/egress/git.ts";
import { listFiles, readFiles } from "../../src/egress/git-objects.ts";
import { makeRepository } from "../support/git-repository.ts";
import { temporaryFolder } from "../support/temporary.ts";

const signal = new AbortController().signal;

async function printed({ child, ended }: GitProcess): Promise<string> {
  let text = "";
  for await (const part of child.stdout) text += part;
  await ended;
  return text;
}

/** Sets a variable of this process for one test. */
function withVariable(name: string, value: string): void {
  const before = process.env[name];
  process.env[name] = value;
  onTestFinished(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
}

/** The processes that this one has started and that are there still; known on Linux only. */
function childrenOfThis(): string[] {
  if (process.platform !== "linux") return [];
  const threads = readdirSync("/proc/self/task");
  return threads
    .flatMap((id) => readFileSync(`/proc/self/task/${id}/children`, "utf8").trim().split(" "))
    .filter(Boolean);
}

/** A shell command in the place of git's own: what git hands on to whatever it starts. */
const running = (command: string): string[] => ["-c", `alias.run=!${command}`, "run"];

describe("git as it is started", () => {
  it("hands nothing of this program's environment on, and never asks", async () => {
    withVariable("MEMTRIX_SECRET_KEY", "canary");
    withVariable("HTTPS_PROXY", "http://127.0.0.1:1");
    withVariable("GIT_SSH_COMMAND", "canary");
    withVariable("GIT_CONFIG_PARAMETERS", "'core.hooksPath=canary'");
    const directory = temporaryFolder();
    const lines = (await printed(startGit(running("env"), { directory, signal }))).trim().split("\n");
    const environment = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
    expect(JSON.stringify({ ...environment, GIT_CONFIG_PARAMETERS: "" })).not.toContain("canary");
    expect(environment.GIT_CONFIG_PARAMETERS).not.toContain("canary");
    expect(environment).toMatchObject({
      ...{ HOME: directory, GIT_ALLOW_PROTOCOL: "https", GIT_TERMINAL_PROMPT: "0", GIT_ASKPASS: "/bin/true" },
      ...{ GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null", GIT_ATTR_NOSYSTEM: "1", LC_ALL: "C" },
      ...{ GIT_CEILING_DIRECTORIES: directory, GIT_OPTIONAL_LOCKS: "0", GIT_LFS_SKIP_SMUDGE: "1" },
    });
    expect(Object.keys(environment).filter((name) => /proxy|ssh/i.test(name))).toEqual([]);
  });

  it("has no settings but ours, whatever lies in its folder and on the machine", async () => {
    const directory = temporaryFolder();
    writeFileSync(join(directory, ".gitconfig"), "[core]\n\tsshCommand = canary\n\thooksPath = canary\n");
    const settings = ["http.curloptResolve=a.example.com:443:192.0.2.1"];
    const listed = await printed(startGit(["config", "--list"], { directory, settings, signal }));
    expect(listed.trim().split("\n").sort()).toEqual(
      [
        ...["core.hookspath=/dev/null", "core.fsmonitor=false", "core.symlinks=false"],
        ...["core.protecthfs=true", "core.protectntfs=true", "core.bigfilethreshold=8m"],
        ...["transfer.bundleuri=false", "transfer.fsckobjects=true", "fetch.fsckobjects=true"],
        ...["http.followredirects=false", "http.proxy=", "safe.barerepository=explicit", "credential.helper="],
        ...["protocol.allow=never", "protocol.https.allow=always", "gc.auto=0", "maintenance.auto=false"],
        "http.curloptresolve=a.example.com:443:192.0.2.1",
      ].sort(),
    );
  });

  it("is not started for who has given up already", () => {
    const given = AbortSignal.abort(new Error("too late"));
    expect(() => startGit(["version"], { directory: temporaryFolder(), signal: given })).toThrow("too late");
  });

  it("ends with all that it has started, however deaf", async () => {
    const directory = temporaryFolder();
    const stopping = new AbortController();
    const { child, ended } = startGit(running("trap '' TERM; echo begun; (sleep 0.4; echo late > late) & wait"), {
      ...{ directory, signal: stopping.signal },
    });
    await new Promise((resolve) => child.stdout.once("data", resolve));
    stopping.abort(new Error("enough"));
    await expect(ended).rejects.toThrow("enough");
    await sleep(600);
    expect(await folderSize(directory)).toBe(0);
    await expect(printed(startGit(["rev-parse"], { directory, signal }))).rejects.toThrow("not a git repository");
  });

  it("says its last words, without the address and what steers a terminal; else its code", async () => {
    const directory = temporaryFolder();
    const saying = (...lines: string[]): Promise<string> => {
      writeFileSync(join(directory, "words"), lines.join("\n"));
      return printed(startGit(running("cat words >&2; exit 3;"), { directory, signal }));
    };
    await expect(
      saying("noise", "fatal: one https://a.example.com/secret'", "error: \u001b[31mtwo\u0007 "),
    ).rejects.toThrow(/^fatal: one \(the address\)' error: two$/);
    await expect(saying("remote: 1", "warning: 2", "hint: no", "error: 3", "fatal: 4")).rejects.toThrow(
      /^warning: 2 error: 3 fatal: 4$/,
    );
    await expect(saying(`fatal: ${"x".repeat(900)}`)).rejects.toThrow(/^fatal: x{493}$/);
    await expect(saying("a fatal: not at the beginning")).rejects.toThrow("git ended with code 3.");
    // Of endless words the end is kept.
    await expect(saying("fatal: early", "y".repeat(5_000), "fatal: late")).rejects.toThrow(/^fatal: late$/);
  });

  it("says how to help itself where there is no git", async () => {
    withVariable("PATH", temporaryFolder());
    const { ended } = startGit(["version"], { directory: temporaryFolder(), signal });
    const error = await ended.catch((failure: Error) => failure);
    expect(error).toMatchObject({
      message: "git cannot be run on this machine: install it.",
      cause: { code: "ENOENT" },
    });
  });

  it("says so where it is there, and may not be run", async () => {
    const directory = temporaryFolder();
    writeFileSync(join(directory, "git"), "#!/bin/sh\n", { mode: 0o600 });
    withVariable("PATH", directory);
    const { ended } = startGit(["version"], { directory: temporaryFolder(), signal });
    await expect(ended).rejects.toThrow("git cannot be started now (EACCES)");
  });

  it("may end before it has read what it is given", async () => {
    const { child, ended } = startGit(["version"], { directory: temporaryFolder(), signal });
    child.stdin.write("x".repeat(1_000_000));
    child.stdout.resume();
    await ended;
  });
});

describe("what a repository holds", () => {
  const store = (directory: string, name: string, given = signal) => ({ directory, repository: name, signal: given });

  it("is its files with their sizes, and what is left out, however odd their names are", async () => {
    const directory = temporaryFolder();
    makeRepository(directory, "a.git", [
      { path: "a b\tc\nd", content: "12345" },
      { path: "deep/er/ö", content: "" },
      { path: "link", mode: "120000", content: "/etc/passwd" },
      { path: "other", mode: "160000", commit: "1111111111111111111111111111111111111111" },
      { path: "run", mode: "100755", content: "x" },
    ]);
    const { files, leftOut } = await listFiles(store(directory, "a.git"), 5);
    expect(files.map(({ path, bytes }) => [path, bytes])).toEqual([
      ["a b\tc\nd", 5],
      ["deep/er/ö", 0],
      ["run", 1],
    ]);
    expect(files.every(({ id }) => /^[0-9a-f]{40}$/.test(id))).toBe(true);
    expect(leftOut).toEqual(["link", "other"]);
    await expect(listFiles(store(directory, "a.git"), 4)).rejects.toThrow("The repository has more than 4 files.");
  });

  it("is told whole, also when it comes in many pieces", async () => {
    const directory = temporaryFolder();
    const commit = "1111111111111111111111111111111111111111";
    const paths = Array.from({ length: 2_000 }, (_, index) => `${String(index).padStart(4, "0")}-${"ö".repeat(40)}`);
    makeRepository(
      directory,
      "a.git",
      paths.map((path) => ({ path, mode: "160000", commit })),
    );
    expect((await listFiles(store(directory, "a.git"), 2_000)).leftOut).toEqual(paths);
  });

  it("is read in the order that is wanted, to the byte", async () => {
    const directory = temporaryFolder();
    const large = Buffer.alloc(300_000, "0123456789\n");
    makeRepository(directory, "a.git", [
      { path: "a", content: "one\n" },
      { path: "b", content: large },
      { path: "c", content: "" },
    ]);
    const { files } = await listFiles(store(directory, "a.git"), 10);
    const read: [string, Buffer][] = [];
    for await (const { path, bytes } of readFiles(store(directory, "a.git"), files.toReversed()))
      read.push([path, bytes]);
    expect(read.map(([path]) => path)).toEqual(["c", "b", "a"]);
    expect(read[0]?.[1]).toHaveLength(0);
    expect(read[1]?.[1].equals(large)).toBe(true);
    expect(read[2]?.[1].toString()).toBe("one\n");
    for await (const _ of readFiles(store(directory, "nothing.git"), [])) expect.unreachable();
  });

  it("is read no further when nobody wants more of it", async () => {
    const directory = temporaryFolder();
    const large = Buffer.alloc(3_000_000, "0123456789\n");
    const entries = ["a", "b", "c"].map((path) => ({ path, content: Buffer.concat([Buffer.from(path), large]) }));
    makeRepository(directory, "a.git", entries);
    const { files } = await listFiles(store(directory, "a.git"), 10);
    for await (const { path } of readFiles(store(directory, "a.git"), files)) {
      expect(path).toBe("a");
      break;
    }
    await expect.poll(childrenOfThis, { timeout: 5_000 }).toEqual([]);

    const stopping = new AbortController();
    const reading = async () => {
      for await (const _ of readFiles(store(directory, "a.git", stopping.signal), files)) stopping.abort();
    };
    await expect(reading()).rejects.toThrow();
  });

  it("is not made up where git's store is damaged", async () => {
    const directory = temporaryFolder();
    makeRepository(directory, "a.git", [{ path: "a", content: "one\n" }]);
    const { files } = await listFiles(store(directory, "a.git"), 10);
    const [{ id } = { id: "" }] = files;
    rmSync(join(directory, "a.git/objects", id.slice(0, 2)), { recursive: true });
    const reading = async () => {
      for await (const { bytes } of readFiles(store(directory, "a.git"), files)) return bytes;
    };
    await expect(reading()).rejects.toThrow("git cannot read what it has fetched.");
    rmSync(join(directory, "a.git"), { recursive: true });
    await expect(reading()).rejects.toThrow("git ended in the middle of a file.");
  });

  it("is nothing where nothing was committed, and no answer for who has given up", async () => {
    const directory = temporaryFolder();
    makeRepository(directory, "a.git", []);
    rmSync(join(directory, "a.git/refs/heads/main"));
    expect(await listFiles(store(directory, "a.git"), 10)).toEqual({ files: [], leftOut: [] });
    const stopping = new AbortController();
    const listing = listFiles(store(directory, "a.git", stopping.signal), 10);
    stopping.abort(new Error("enough"));
    await expect(listing).rejects.toThrow("enough");
  });
});

describe("the size of a folder", () => {
  it("is that of all files at any depth, links and folders not counted", async () => {
    const directory = temporaryFolder();
    expect(await folderSize(directory)).toBe(0);
    mkdirSync(join(directory, "a/b"), { recursive: true });
    writeFileSync(join(directory, "one"), "123");
    writeFileSync(join(directory, "a/b/two"), "12345");
    expect(await folderSize(directory)).toBe(8);
    expect(await folderSize(join(directory, "gone"))).toBe(0);
  });
});
