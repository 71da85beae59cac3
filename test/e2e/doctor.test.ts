import { cpSync, globSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anyFree } from "../../src/child/free-port.ts";
import type { Finding } from "../../src/doctor/check.ts";
import { createSynapseHome } from "../../src/homeserver/synapse-home.ts";
import { type Program, program } from "../support/program.ts";
import { canRunSynapse, synapsePython } from "../support/synapse-venv.ts";
import { type TemporaryHome, temporaryHome } from "../support/temporary-home.ts";

type Found = Finding & { check: string };

/** One installation with a homeserver of its own, for all tests: each leaves it as it was. */
describe.skipIf(!(await canRunSynapse()))("memtrix doctor, of a whole installation", { timeout: 400_000 }, () => {
  let home: TemporaryHome;
  let memtrix: Program;
  beforeAll(async () => {
    home = temporaryHome();
    // A port of its own: the usual one is another's between two starts.
    await createSynapseHome(join(home.path, "data/homeserver"), "memtrix.local", await anyFree());
    symlinkSync(dirname(dirname((await synapsePython()) ?? "")), join(home.path, "data/homeserver/venv"));
    memtrix = program({ home: home.path });
    const flags = "--name Memtrix --provider rehearsal --channel matrix --homeserver here --owner ada --timezone UTC";
    const { code, stderr } = await memtrix.start(["onboard", ...flags.split(" ")], { limitMs: 180_000 }).ended;
    if (code !== 0) throw new Error(stderr);
  }, 200_000);
  afterAll(async () => {
    await memtrix?.[Symbol.asyncDispose]();
    home?.[Symbol.dispose]();
  });

  async function doctor(): Promise<{ code: number | null; running: boolean; findings: Found[]; said: string }> {
    const { code, stdout } = await memtrix.start(["doctor", "--json"], { limitMs: 120_000 }).ended;
    return { code, said: stdout, ...JSON.parse(stdout) };
  }

  const ofKeys = async (): Promise<Found[]> => (await doctor()).findings.filter(({ check }) => check === "keys");
  const statesOf = (findings: Found[]): string[] => findings.map(({ state }) => state);
  const device = (): string => join(home.path, globSync("data/matrix/*/device.db", { cwd: home.path })[0] ?? "");
  const change = (statements: string): void => {
    using database = new DatabaseSync(device());
    database.exec(statements);
  };

  it("finds it well, says so in lines and in JSON, and tells no secret", async () => {
    const { code, running, findings, said } = await doctor();
    expect(findings.filter(({ state }) => state === "fault" || state === "unseen")).toEqual([]);
    expect({ code, running }).toEqual({ code: 0, running: false });
    expect(findings.find(({ check }) => check === "keys")?.text).toContain("cross-signed");
    const lines = await memtrix.start(["doctor"], { limitMs: 120_000 }).ended;
    expect(lines).toMatchObject({ code: 0, stderr: "" });
    expect(lines.stdout).toMatch(
      /^ok {8}homeserver {4}http:\/\/127\.0\.0\.1:\d+ takes the token of @memtrix:memtrix\.local$/m,
    );
    for (const [, secret = ""] of readFileSync(join(home.path, ".env"), "utf8").matchAll(
      /^MEMTRIX_SECRET_\w+=['"]?(.{8,}?)['"]?$/gm,
    ))
      expect(said + lines.stdout).not.toContain(secret);
  });

  it("looks while Memtrix runs as well, and leaves it at that", async () => {
    const running = memtrix.start(["start"], { limitMs: 390_000 });
    await running.said("stderr", "connected as");
    const { code, running: isRunning, findings } = await doctor();
    expect({ code, isRunning }).toEqual({ code: 0, isRunning: true });
    expect(findings.find(({ check }) => check === "keys")).toMatchObject({ state: "ok" });
    running.kill("SIGTERM");
    expect((await running.ended).code).toBe(143);
  });

  it("finds keys that are gone, until they are back", async () => {
    const folder = join(home.path, "data/matrix");
    renameSync(folder, `${folder}.away`);
    expect(await ofKeys()).toMatchObject([
      { state: "fault", text: expect.stringContaining("are gone"), remedy: expect.stringContaining("--new-device") },
    ]);
    rmSync(folder, { recursive: true, force: true });
    renameSync(`${folder}.away`, folder);
    expect(statesOf(await ofKeys())).toEqual(["ok"]);
  });

  it("finds keys of which one bit has changed", async () => {
    const path = device();
    cpSync(path, `${path}.copy`);
    change("UPDATE record SET value = CAST(value || x'00' AS BLOB) WHERE key = (SELECT min(key) FROM record)");
    expect(await ofKeys()).toMatchObject([{ state: "fault", text: expect.stringContaining("damaged (an entry of") }]);
    for (const end of ["-wal", "-shm"]) rmSync(path + end, { force: true });
    renameSync(`${path}.copy`, path);
    expect(statesOf(await ofKeys())).toEqual(["ok"]);
  });

  it("counts messages that cannot be read", async () => {
    change("INSERT INTO waiting (room, event, json, checksum, since) VALUES ('!a', '$b', '{}', 0, 0)");
    expect(await ofKeys()).toMatchObject([
      { state: "warning", text: expect.stringContaining("1 message cannot be read") },
    ]);
    change("DELETE FROM waiting");
    expect(statesOf(await ofKeys())).toEqual(["ok"]);
  });

  it("finds a recovery key that is not the account's", async () => {
    const path = join(home.path, ".env");
    const before = readFileSync(path, "utf8");
    const wrong = before.replace(/^(MEMTRIX_SECRET_MATRIX_RECOVERY_KEY=).*$/m, "$1EsTxxxxx");
    expect(wrong).not.toBe(before);
    writeFileSync(path, wrong);
    expect(await ofKeys()).toMatchObject([
      {
        state: "fault",
        text: expect.stringContaining("not the account's"),
        remedy: expect.stringContaining("--relogin"),
      },
    ]);
    writeFileSync(path, before);
    expect(statesOf(await ofKeys())).toEqual(["ok"]);
  });

  it("finds a homeserver of its own that does not start, and looks at the rest all the same", async () => {
    const path = join(home.path, "data/homeserver/private.json");
    const before = readFileSync(path, "utf8");
    writeFileSync(path, "{ half");
    const { code, findings } = await doctor();
    expect(code).toBe(1);
    const states = Object.fromEntries(findings.map(({ check, state }) => [check, state]));
    expect(states).toMatchObject({ homeserver: "fault", keys: "unseen", config: "ok", models: "ok" });
    writeFileSync(path, before);
    expect((await doctor()).findings.filter(({ state }) => state === "fault")).toEqual([]);
  });
});

describe("memtrix doctor where nothing is set up", () => {
  it("says what to do first, and ends with 1", async () => {
    using home = temporaryHome();
    await using memtrix = program({ home: home.path });
    const { code, stdout } = await memtrix.start(["doctor"], { limitMs: 60_000 }).ended;
    expect(code).toBe(1);
    expect(stdout).toMatch(/^FAULT {5}config {8}There is no config at .*make one with: memtrix onboard$/m);
    expect(stdout).toContain("1 fault, no warnings.");
  });
});
