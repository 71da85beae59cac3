import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { endLeftover, notePid } from "../../src/child/leftover.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** A process that was started with these words. */
async function processWith(...words: string[]): Promise<ChildProcess & { pid: number }> {
  const program = 'setInterval(() => {}, 1000); console.log("up")';
  const child = spawn(process.execPath, ["-e", program, "--", ...words], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child as ChildProcess & { pid: number };
}

it("ends the server that a killed run left behind", async () => {
  const directory = temporaryFolder();
  const configFile = join(directory, "homeserver.yaml");
  const left = await processWith("-c", configFile);
  const ended = once(left, "exit");
  await notePid(join(directory, "server.pid"), left.pid);
  expect(await endLeftover(join(directory, "server.pid"), configFile)).toBe("ended");
  await ended;
  expect(readdirSync(directory)).toEqual([]);
});

it("leaves a process alone that only has the same number", async () => {
  const directory = temporaryFolder();
  const other = await processWith("another program");
  await notePid(join(directory, "server.pid"), other.pid);
  expect(await endLeftover(join(directory, "server.pid"), join(directory, "homeserver.yaml"))).toBe("none");
  expect(process.kill(other.pid, 0)).toBe(true);
});

it("has nothing to do where nothing was left", async () => {
  const directory = temporaryFolder();
  expect(await endLeftover(join(directory, "server.pid"), join(directory, "homeserver.yaml"))).toBe("none");
  await notePid(join(directory, "server.pid"), 2 ** 22 + 7); // Above the highest number that a process can have.
  expect(await endLeftover(join(directory, "server.pid"), join(directory, "homeserver.yaml"))).toBe("none");
});
