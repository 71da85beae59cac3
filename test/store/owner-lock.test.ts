import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { takeOwnerLock } from "../../src/store/owner-lock.ts";
import { temporaryFolder } from "../support/temporary.ts";

async function holderOf(folder: string): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, "../support/hold-lock.ts"), [folder]);
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  await once(child, "message");
  return child;
}
const take = (folder: string) => takeOwnerLock(folder, "memtrix chat", new Date("2026-11-20T11:00:00Z"));

describe("the owner lock", () => {
  it("keeps a second process out, and tells it who is in", async () => {
    const folder = temporaryFolder();
    const { pid } = await holderOf(folder);
    expect(() => take(folder)).toThrow(ConfigError);
    expect(() => take(folder)).toThrow(
      `Memtrix is running already (memtrix start, process ${pid}, since 2026-11-20T10:00:00.000Z): use it there, or end it first.`,
    );
  });

  it("is free again once its holder has let go", async () => {
    const folder = temporaryFolder();
    const child = await holderOf(folder);
    child.send("let go");
    await once(child, "exit");
    using _lock = take(folder);
  });

  it("is free again when its holder was killed", async () => {
    const folder = temporaryFolder();
    const child = await holderOf(folder);
    child.kill("SIGKILL");
    await once(child, "exit");
    using _lock = take(folder);
    expect(() => take(folder)).toThrow(/running already \(memtrix chat, process/);
  });

  it("of another folder is another lock", async () => {
    await holderOf(temporaryFolder());
    using _lock = take(temporaryFolder());
  });

  it("that cannot be used is not taken for a running Memtrix", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "owner.lock"), "something else ".repeat(1000));
    expect(() => take(folder)).toThrow(/not a database/);
  });
});
