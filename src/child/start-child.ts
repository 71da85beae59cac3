import { type ChildProcessWithoutNullStreams, type SpawnOptionsWithoutStdio, spawn } from "node:child_process";

/**
 * As `spawn`, with its three streams to be read and written.
 * @throws where the system has no room for them: Node would give a child without streams, and end the program by an
 * event that nobody can have listened to.
 */
export function startChild(
  program: string,
  given: readonly string[],
  options: SpawnOptionsWithoutStdio,
): ChildProcessWithoutNullStreams {
  const child = spawn(program, given, { ...options, stdio: ["pipe", "pipe", "pipe"] });
  if (child.stdout) return child;
  child.on("error", () => {});
  throw new Error("no more programs can be started: this one has too many files open (ulimit -n)");
}
