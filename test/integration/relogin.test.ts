import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openMatrixConnection } from "../../src/channel/matrix/connection.ts";
import { logOut } from "../../src/homeserver/accounts.ts";
import { silent } from "../../src/log.ts";
import { startSynapse, type TestSynapse } from "../support/synapse.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";
import { temporaryFolder } from "../support/temporary.ts";

const root = join(import.meta.dirname, "../..");

describe.skipIf(!(await canRunSynapse()))("memtrix onboard --relogin", () => {
  let synapse: TestSynapse;
  beforeAll(async () => {
    synapse = await startSynapse({});
  }, 120_000);
  afterAll(() => synapse?.stop());

  async function relogin(home: string, password: string): Promise<{ code: number | null; said: string }> {
    const child = spawn(
      process.execPath,
      [join(root, "src/launch.js"), "onboard", "--relogin", "--password-env", "PASSWORD"],
      { env: { PATH: process.env.PATH, MEMTRIX_HOME: home, PASSWORD: password }, stdio: ["ignore", "pipe", "pipe"] },
    );
    const code = new Promise<number | null>((resolve) => child.once("exit", resolve));
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { code: await code, said: out + err };
  }

  it("brings back the same device with its keys after the token is gone", { timeout: 60_000 }, async () => {
    const home = temporaryFolder();
    const agent = await synapse.registerUser("agent");
    const open = (accessToken: string) =>
      openMatrixConnection({
        ...{ homeserver: synapse.url, userId: agent.userId, accessToken, log: silent, now: () => new Date() },
        directory: join(home, "data/matrix"),
      });
    mkdirSync(join(home, "data"));
    writeFileSync(join(home, ".env"), `MEMTRIX_SECRET_MATRIX_ACCESS_TOKEN=${agent.accessToken}\n`, { mode: 0o600 });
    const matrix = { type: "matrix", homeserver: synapse.url, user_id: agent.userId, owners: ["@o:memtrix.test"] };
    const config = {
      version: 1,
      "main-agent": { name: "Memtrix", model: "m", channel: "matrix" },
      providers: { rehearsal: { type: "rehearsal" } },
      models: { m: { provider: "rehearsal", model: "rehearsal" } },
      channels: { matrix: { ...matrix, access_token: "$MATRIX_ACCESS_TOKEN" } },
    };
    writeFileSync(join(home, "data/config.json"), JSON.stringify(config));
    const before = await open(agent.accessToken);
    const keys = await before.client.getCrypto()?.getOwnDeviceKeys();
    await before.close();

    expect(await relogin(home, "not the password")).toMatchObject({ code: 1 });
    const { code, said } = await relogin(home, agent.password);
    expect(said).toContain(agent.deviceId);
    expect(code).toBe(0);
    expect(said).not.toContain(agent.password);

    const token = /MATRIX_ACCESS_TOKEN=(.+)/.exec(readFileSync(join(home, ".env"), "utf8"))?.[1]?.trim() ?? "";
    expect(token).not.toBe(agent.accessToken);
    const after = await open(token);
    expect(after.deviceId).toBe(agent.deviceId);
    expect(await after.client.getCrypto()?.getOwnDeviceKeys()).toEqual(keys);
    await after.close();
    await logOut({ homeserver: synapse.url, accessToken: token });
  });
});
