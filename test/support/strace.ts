import { spawnSync } from "node:child_process";

/** True where system calls may be traced, and so made to fail. */
export const canTrace: boolean = spawnSync("strace", ["-qq", "-o", "/dev/null", "true"]).status === 0;

/** What starts a program so that these system calls report an error of the disk, from the given one of each thread on. */
export function failing(calls: string, from = 1): string[] {
  return tampering(calls, `error=EIO:when=${from}+`);
}

/** What starts a program so that the given one of these system calls, of each thread, reports an error of the disk. */
export function failingOnce(calls: string, at: number): string[] {
  return tampering(calls, `error=EIO:when=${at}`);
}

/** What starts a program so that each of these system calls takes so much longer. */
export function delaying(calls: string, ms: number): string[] {
  return tampering(calls, `delay_exit=${ms * 1000}`);
}

/** What starts a program so that it is killed as the given one of these system calls is entered, in whichever thread. */
export function killing(calls: string, at = 1): string[] {
  return tampering(calls, `signal=KILL:when=${at}`);
}

function tampering(calls: string, how: string): string[] {
  return ["strace", "-f", "-qq", "-o", "/dev/null", "-e", `trace=${calls}`, "-e", `inject=${calls}:${how}`];
}
