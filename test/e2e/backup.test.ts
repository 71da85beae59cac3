import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { type Program, program } from "../support/program.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { type TemporaryHome, temporaryHome } from "../support/temporary-home.ts";

const limitMs = 120_000;
const env = { PASSPHRASE: "correct horse battery", OTHER: "another passphrase", SHORT: "short" };

function installation(): { home: TemporaryHome; memtrix: Program } {
  const home = temporaryHome();
  const memtrix = program({ home: home.path, env });
  onTestFinished(async () => {
    await memtrix[Symbol.asyncDispose]();
    home[Symbol.dispose]();
  });
  return { home, memtrix };
}

it("what the agent was told before a backup it knows where that is restored, and nowhere else", {
  timeout: 200_000,
}, async () => {
  const { home, memtrix } = installation();
  home.write("data/config.json", {
    version: 1,
    timezone: "UTC",
    "main-agent": { name: "Memtrix", model: "rules" },
    providers: { own: { type: "rehearsal" } },
    models: { rules: { provider: "own", model: "rehearsal" } },
  });
  const file = join(temporaryFolder(), "memtrix.backup");
  const save = (...flags: string[]) => memtrix.start(["backup", file, ...flags], { limitMs }).ended;
  await memtrix.say("My name is Ada.");
  expect(await save()).toMatchObject({ code: 1, stderr: expect.stringContaining("--passphrase-env") });
  expect(await save("--passphrase-env", "SHORT")).toMatchObject({ code: 1 });
  expect(existsSync(file)).toBe(false);
  // The program has the installation to itself meanwhile.
  const running = memtrix.start(["start"], { limitMs });
  await running.said("stderr", "Ready");
  expect(await save("--passphrase-env", "PASSPHRASE")).toMatchObject({ code: 0 });
  running.kill("SIGKILL");
  await running.ended;
  expect(await save("--passphrase-env", "PASSPHRASE")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("is there already"),
  });

  const elsewhere = installation();
  const put = (variable: string) =>
    elsewhere.memtrix.start(["restore", file, "--passphrase-env", variable], { limitMs }).ended;
  expect(await put("OTHER")).toMatchObject({ code: 1, stderr: expect.stringMatching(/^The passphrase does not open/) });
  expect(readdirSync(elsewhere.home.path)).toEqual([]);
  expect(await put("PASSPHRASE")).toMatchObject({ code: 0, stdout: expect.stringContaining("Begin with: npm start") });
  expect((await elsewhere.memtrix.say("What is my name?")).stdout).toContain("Ada");
  expect(await put("PASSPHRASE")).toMatchObject({ code: 1, stderr: expect.stringContaining("something in") });
});

it("nothing begins where a restore was broken off", { timeout: 120_000 }, async () => {
  const { home, memtrix } = installation();
  mkdirSync(join(home.path, "data/.restore/data"), { recursive: true });
  writeFileSync(join(home.path, "data/.restore/data/memtrix.db"), "half");
  for (const argv of [["start"], ["chat", "-m", "Hello."], ["onboard"]])
    expect(await memtrix.start(argv, { limitMs }).ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^A restore was broken off in .*: run memtrix restore FILE again/),
    });
});
