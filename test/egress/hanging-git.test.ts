import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { cloneRepository } from "../../src/egress/clone.ts";
import { asNobody, canBeNobody, canLimit } from "../support/narrow.ts";
import { temporaryFolder } from "../support/temporary.ts";

const pinned = { host: "git.example.com", port: 443, addresses: ["127.0.0.1"] };

/** A git that forks, writes into its folder, and cares for no signal that it can catch; `pids` holds those of both. */
function stubbornGit(folder: string): string {
  const pids = join(folder, "pids");
  const script = `#!/bin/sh
trap "" TERM INT HUP
mkdir -p repository && echo partial > repository/file
sh -c 'trap "" TERM INT HUP; echo $$ >> "${pids}"; while :; do sleep 1; done' &
echo $$ >> "${pids}"
while :; do sleep 1; done
`;
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "git"), script);
  chmodSync(join(bin, "git"), 0o755);
  const { PATH } = process.env;
  process.env.PATH = `${bin}${delimiter}${PATH}`;
  onTestFinished(() => {
    process.env.PATH = PATH;
  });
  return pids;
}

/** Neither running, nor ended and waiting for somebody to take note. */
function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

it("a git that hangs, forks and ignores signals is ended with all its processes when time is up, and leaves nothing", async () => {
  const [folder, temporary] = [temporaryFolder(), temporaryFolder()];
  const pids = stubbornGit(folder);
  const { signal } = new AbortController();
  const clone = cloneRepository("https://git.example.com/x.git", {
    ...{ pinned, temporary, signal, limits: { totalMs: 3_000 } },
  });
  await expect(clone).rejects.toThrow("The repository took longer than 3 s.");
  const started = readFileSync(pids, "utf8").trim().split("\n").map(Number);
  expect(started).toHaveLength(2);
  await expect.poll(() => started.every(isGone), { timeout: 5_000 }).toBe(true);
  expect(readdirSync(temporary)).toEqual([]);
});

it.skipIf(!canBeNobody || !canLimit)("a git that the system will not start is told of in a sentence", () => {
  const [program = "", ...given] = asNobody;
  const script = join(import.meta.dirname, "../support/git-without-processes.ts");
  const { stdout, stderr, status } = spawnSync(program, [...given, process.execPath, script], {
    ...{ encoding: "utf8", cwd: "/", timeout: 15_000 },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toBe("works\ngit cannot be started now (EAGAIN): the machine may have too many processes.\n");
});
