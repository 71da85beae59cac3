import { spawnSync } from "node:child_process";
import { join } from "node:path";

const launcher = join(import.meta.dirname, "../../src/launch.js");
const works = (prefix: readonly string[], ...command: string[]): boolean => {
  const [program = "", ...given] = [...prefix, ...command];
  return spawnSync(program, given).status === 0;
};

/** What starts a program that may write files of so many bytes (`fsize`), open so many (`nofile`), start so many (`nproc`). */
export function limited(limit: "fsize" | "nofile" | "nproc", most: number): string[] {
  return ["prlimit", `--${limit}=${most}`, "--"];
}

/** True where programs can be limited. */
export const canLimit: boolean = works(limited("nofile", 64), "true");

/** What starts a program to which this folder is read-only. */
export function readOnly(folder: string): string[] {
  return ["unshare", "-rm", "sh", "-c", 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"', folder];
}

/** What starts a program as a user who owns nothing, and may read what all may. */
export const asNobody: readonly string[] = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

/** True where we may become somebody else, and the program is open to all. */
export const canBeNobody: boolean = works(asNobody, process.execPath, launcher, "--version");
