import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

export const notePid = (pidFile: string, pid: number): Promise<void> => writeFile(pidFile, String(pid));
export const forgetPid = (pidFile: string): Promise<void> => rm(pidFile, { force: true });

/**
 * Ends the server that an earlier run of ours left behind: one that was killed, and whose server is about to notice. A
 * process that has got the same number since is told apart by its command line, which names `path`. `gently`
 * is the signal that it ends at by itself.
 */
export async function endLeftover(
  pidFile: string,
  path: string,
  gently: NodeJS.Signals = "SIGTERM",
): Promise<"none" | "ended"> {
  const pid = Number(await readFile(pidFile, "utf8").catch(() => ""));
  if (!Number.isInteger(pid) || pid <= 1 || !(await commandOf(pid)).includes(path)) return "none";

  for (const [signal, patienceMs] of [[gently, 10_000] as const, ["SIGKILL", 2_000] as const]) {
    if (!send(pid, signal)) break;
    for (const until = Date.now() + patienceMs; Date.now() < until && send(pid, 0); ) await sleep(20);
  }
  await forgetPid(pidFile);
  return "ended";
}

/** False when there is no such process (any more). */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** What a process was started with; empty when there is none. */
async function commandOf(pid: number): Promise<string> {
  if (process.platform === "linux") return readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  const { stdout } = await promisify(execFile)("ps", ["-ww", "-o", "args=", "-p", String(pid)]).catch(() => ({
    stdout: "",
  }));
  return stdout;
}
