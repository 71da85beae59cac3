import { execFileSync } from "node:child_process";
import { startGit } from "../../src/egress/git.ts";

// Run as a program, by somebody who has no other: says what becomes of git, and what becomes of it once no more processes
// may be started.

const { signal } = new AbortController();
async function tryGit(): Promise<string> {
  try {
    await startGit(["--version"], { directory: process.cwd(), signal }).ended;
    return "works";
  } catch (error) {
    return (error as Error).message;
  }
}

console.log(await tryGit());
execFileSync("prlimit", ["--pid", String(process.pid), "--nproc=1"]);
console.log(await tryGit());
