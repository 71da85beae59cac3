import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";

export interface GitOptions {
  /** The only folder that git is told of. */
  directory: string;
  /** Settings for this call, beside the ones that switch off what a repository could run: `name=value`. */
  settings?: readonly string[];
  signal: AbortSignal;
}

/** A git under way. */
export interface GitProcess {
  child: ChildProcessWithoutNullStreams;
  /** Resolves when it has ended well. Rejects with what it said last, and with the reason of the abort. */
  ended: Promise<void>;
}

/**
 * Starts git such that neither this machine's settings nor the repository can make it run, ask or follow anything: no
 * shell, an environment from nothing, no configuration but ours, https only. On abort its whole process group is killed.
 */
export function startGit(args: readonly string[], { directory, settings = [], signal }: GitOptions): GitProcess {
  signal.throwIfAborted();
  const flags = [...inert, ...settings].flatMap((setting) => ["-c", setting]);
  const child = spawn("git", [...flags, ...args], { cwd: directory, env: environment(directory), detached: true });
  if (!child.stdin) {
    // Out of descriptors Node makes no streams, and tells of it by an event that would end the program.
    child.on("error", () => {});
    throw new Error("git cannot be started now: this program has too many files open.");
  }
  child.stdin.on("error", () => {}); // It ended before it read all: its exit says why.
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-4_000);
  });

  const kill = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  };
  signal.addEventListener("abort", kill, { once: true });
  const ended = new Promise<void>((resolve, reject) => {
    child.on("error", (cause) => reject(new Error(cannotStart(cause), { cause })));
    child.on("close", (code) => {
      signal.removeEventListener("abort", kill);
      if (signal.aborted) reject(signal.reason);
      else if (code === 0) resolve();
      else reject(new Error(lastWords(said) || `git ended with code ${code}.`));
    });
  });
  ended.catch(() => {}); // Whoever reads its output first may come to this later.
  return { child, ended };
}

const inert = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.symlinks=false",
  "core.protectHFS=true",
  "core.protectNTFS=true",
  // Larger files are not unpacked in memory.
  "core.bigFileThreshold=8m",
  "transfer.bundleURI=false",
  "transfer.fsckObjects=true",
  "fetch.fsckObjects=true",
  "http.followRedirects=false",
  "http.proxy=",
  "safe.bareRepository=explicit",
  "credential.helper=",
  "protocol.allow=never",
  "protocol.https.allow=always",
  "gc.auto=0",
  "maintenance.auto=false",
];

function environment(directory: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: directory,
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_ALLOW_PROTOCOL: "https",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "/bin/true",
    GIT_CEILING_DIRECTORIES: directory,
    GIT_OPTIONAL_LOCKS: "0",
    GIT_LFS_SKIP_SMUDGE: "1",
  };
}

function cannotStart({ code }: NodeJS.ErrnoException): string {
  if (code === "ENOENT") return "git cannot be run on this machine: install it.";
  return `git cannot be started now (${code}): the machine may have too many processes.`;
}

/** What git said at the end, without what a server could have put in to steer a terminal, nor the address. */
function lastWords(said: string): string {
  const lines = said
    .split(/[\r\n]+/)
    .map((line) =>
      line
        .replace(/\p{Cc}(?:\[[0-9;?]*[A-Za-z])?/gu, "")
        .replace(/https:\/\/[^\s']+/g, "(the address)")
        .trim(),
    )
    .filter((line) => /^(?:fatal|error|remote|warning):/.test(line));
  return lines.slice(-3).join(" ").slice(0, 500);
}
