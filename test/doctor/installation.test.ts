import { chmodSync, chownSync, cpSync, mkdirSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { configCheck } from "../../src/doctor/config.ts";
import { databaseCheck } from "../../src/doctor/database.ts";
import { diskCheck } from "../../src/doctor/disk.ts";
import { foldersCheck } from "../../src/doctor/folders.ts";
import { nodeCheck } from "../../src/doctor/node.ts";
import { secretsCheck } from "../../src/doctor/secrets.ts";
import { homePaths } from "../../src/home.ts";
import { openStore } from "../../src/store/store.ts";
import { program } from "../support/program.ts";
import { canMount, mountSmallDisk } from "../support/small-disk.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { follow, patient, plainConfig } from "./ground.ts";

describe("memtrix doctor, of the installation", () => {
  it("finds a Node that is too old", async () => {
    const { look, states } = patient();
    const [old] = await look(nodeCheck, { nodeVersion: "20.11.1" });
    expect(old).toMatchObject({
      state: "fault",
      text: expect.stringContaining("20.11.1"),
      remedy: expect.stringContaining("npm start"),
    });
    expect(await states(nodeCheck)).toEqual(["ok"]);
  });

  it("finds a config that is broken, and says where", async () => {
    const { look, states, write } = patient();
    write("data/config.json", '{ "version": 1,\n  oops }');
    const [broken] = await look(configCheck);
    expect(broken).toMatchObject({ state: "fault", text: expect.stringContaining("line 2") });
    expect(await states(foldersCheck)).toEqual(["unseen"]);
    write("data/config.json", plainConfig);
    expect(await states(configCheck)).toEqual(["ok"]);
  });

  it("finds a tool whose file is broken", async () => {
    const { home, states, look } = patient();
    const paths = { ...homePaths(home), tools: temporaryFolder() };
    writeFileSync(join(paths.tools, "broken.ts"), "export default 3;");
    expect((await look(configCheck, { paths }))[1]).toMatchObject({
      state: "warning",
      text: expect.stringContaining("tools/broken.ts"),
      remedy: expect.stringContaining("take it away"),
    });
    rmSync(join(paths.tools, "broken.ts"));
    expect(await states(configCheck, { paths })).toEqual(["ok"]);
  });

  it("finds a secret that is missing, and a file of secrets that others can read", async () => {
    const { look, states, write } = patient({
      providers: { own: { type: "openrouter", api_key: "$OPENROUTER_API_KEY" } },
    });
    expect(await look(secretsCheck)).toMatchObject([
      { state: "fault", text: expect.stringContaining("put MEMTRIX_SECRET_OPENROUTER_API_KEY=… into") },
    ]);
    const path = write(".env", "MEMTRIX_SECRET_OPENROUTER_API_KEY=sk-a-very-secret-key\n");
    expect(await states(secretsCheck)).toEqual(["ok"]);

    chmodSync(path, 0o644);
    const [open] = await look(secretsCheck);
    expect(open).toMatchObject({ state: "fault", text: expect.stringContaining(`chmod 600 ${path}`) });
    expect(JSON.stringify(open)).not.toContain("sk-a-very");
    follow({ ...(open ?? { state: "ok", text: "" }), remedy: `chmod 600 ${path}` });
    expect(await states(secretsCheck)).toEqual(["ok"]);
  });

  it("finds a folder that is missing, or is none", async () => {
    const { home, look, states } = patient();
    rmdirSync(join(home, "workspace"));
    expect(await look(foldersCheck)).toMatchObject([
      { state: "warning", remedy: expect.stringContaining("npm start") },
    ]);
    writeFileSync(join(home, "workspace"), "");
    expect(await states(foldersCheck)).toEqual(["fault"]);
    rmSync(join(home, "workspace"));
    mkdirSync(join(home, "workspace"));
    expect(await states(foldersCheck)).toEqual(["ok"]);
  });

  it.skipIf(process.getuid?.() !== 0)("finds what another user owns, and how to have it back", async () => {
    const { home, look, states, write } = patient();
    chownSync(write("workspace/notes/today.md", "hello"), 4242, 4242);
    const [foreign] = await look(foldersCheck);
    expect(foreign).toMatchObject({ state: "fault", text: `another user owns ${home}/workspace/notes/today.md` });
    follow(foreign ?? { state: "ok", text: "" });
    expect(await states(foldersCheck)).toEqual(["ok"]);
  });

  it("finds what others can read, unless a folder above is closed", async () => {
    const { home, look, states, write } = patient();
    const path = write("data/memtrix.db", "");
    chmodSync(path, 0o644);
    chmodSync(join(home, "data"), 0o700);
    expect(await states(foldersCheck)).toEqual(["ok"]);
    chmodSync(join(home, "data"), 0o755);
    const [open] = await look(foldersCheck);
    expect(open).toMatchObject({ state: "fault", remedy: `chmod go= ${path}` });
    follow(open ?? { state: "ok", text: "" });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await states(foldersCheck)).toEqual(["ok"]);
  });

  it.skipIf(!canMount)("finds a disk that is nearly full", async () => {
    const { home, write } = patient();
    using disk = await mountSmallDisk(join(home, "data"), 200 * 1024 ** 2);
    const config = join(home, "data", "config.json");
    writeFileSync(disk.at(config), JSON.stringify(plainConfig));
    write(".env", "");
    await using memtrix = program({ home, prefix: disk.prefix });
    const look = async () => {
      const { stdout } = await memtrix.start(["doctor", "--json"], { limitMs: 60_000 }).ended;
      return JSON.parse(stdout).findings.find(({ check }: { check: string }) => check === "disk");
    };
    disk.fill(50 * 1024 ** 2);
    expect(await look()).toMatchObject({ state: "fault", remedy: expect.stringContaining("make room") });
    disk.empty();
    expect(await look()).toMatchObject({ state: "warning", text: expect.stringContaining("MiB free") });
    expect(await patient().states(diskCheck)).not.toContain("fault");
  });

  it("finds a database that is damaged, and is content when a copy is back", async () => {
    const { home, look, states } = patient();
    expect(await states(databaseCheck)).toEqual(["ok"]);
    openStore(join(home, "data"))[Symbol.dispose]();
    const path = join(home, "data", "memtrix.db");
    cpSync(path, `${path}.copy`);
    expect(await states(databaseCheck)).toEqual(["ok"]);
    writeFileSync(path, Buffer.alloc(8_192, 7), { flag: "r+" });
    expect(await look(databaseCheck)).toMatchObject([
      { state: "fault", remedy: expect.stringContaining("memtrix restore") },
    ]);
    cpSync(`${path}.copy`, path);
    expect(await states(databaseCheck)).toEqual(["ok"]);
  });

  it("looks at a database that is being written", async () => {
    const { home, states } = patient();
    using store = openStore(join(home, "data"));
    store.settings.set("main", "verbose", "on");
    expect(await states(databaseCheck, { isRunning: true })).toEqual(["ok"]);
  });
});
