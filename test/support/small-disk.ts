import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A disk of its own under one folder, which only programs started with `prefix` see there. */
export interface SmallDisk extends Disposable {
  prefix: readonly string[];
  /** Where this process sees what they see. */
  at(path: string): string;
  /** Takes all space but so many bytes. */
  fill(leaveBytes?: number): void;
  /** Gives it back. */
  empty(): void;
}

/** True where this system lets us mount. */
export const canMount: boolean = spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;

export async function mountSmallDisk(folder: string, bytes: number): Promise<SmallDisk> {
  // The mount lasts as long as this process, which waits for the end of its input.
  const script = 'mount -t tmpfs -o "size=$1" tmpfs "$2" && echo mounted && exec cat';
  const keeper: ChildProcess = spawn("unshare", ["-rm", "sh", "-c", script, "sh", String(bytes), folder], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(keeper.stdout as NodeJS.ReadableStream, "data");
  const at = (path: string) => `/proc/${keeper.pid}/root${path}`;
  const filler = at(join(folder, "filler"));

  return {
    prefix: ["nsenter", `--target=${keeper.pid}`, "--user", "--mount", "--preserve-credentials", "--"],
    at,
    fill(leaveBytes = 0) {
      let size = 0;
      try {
        for (;;) {
          writeFileSync(filler, Buffer.alloc(4096), { flag: "a" });
          size += 4096;
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      }
      truncateSync(filler, Math.max(0, size - leaveBytes));
    },
    empty: () => rmSync(filler, { force: true }),
    [Symbol.dispose]: () => void keeper.kill("SIGKILL"),
  };
}
