import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anyFree } from "../../src/child/free-port.ts";
import { checkToken, createAccount, logIn } from "../../src/homeserver/accounts.ts";
import {
  installPrivateSynapse,
  type PrivateSynapse,
  type RunningHomeserver,
  startPrivateSynapse,
} from "../../src/homeserver/private-synapse.ts";
import { createLogger, silent } from "../../src/log.ts";
import { canRunSynapse, synapsePython } from "../support/synapse-venv.ts";
import { temporaryHome } from "../support/temporary-home.ts";

const home = temporaryHome();
const directory = join(home.path, "homeserver");
afterAll(() => rmSync(home.path, { recursive: true, force: true }));

const password = "a password of some length";
const answers = (url: string) => fetch(`${url}/_matrix/client/versions`).then((response) => response.ok);
const pidOf = () => Number(readFileSync(join(directory, "synapse.pid"), "utf8"));

describe.skipIf(!(await canRunSynapse()))("a private homeserver", { timeout: 120_000 }, () => {
  let installed: PrivateSynapse;
  let running: RunningHomeserver | undefined;

  beforeAll(async () => {
    home.write("homeserver/keep", "");
    // The one that all tests share, in the place where it looks for its own.
    symlinkSync(dirname(dirname((await synapsePython()) ?? "")), join(directory, "venv"));
    installed = await installPrivateSynapse({ directory, port: await anyFree() });
    running = await startPrivateSynapse({ directory, log: silent });
  }, 300_000);
  afterAll(() => running?.stop());

  it("answers on this machine alone, and takes accounts by its own secret only", async () => {
    expect(await answers(installed.url)).toBe(true);
    expect(installed.serverName).toBe("memtrix.local");

    const agent = await createAccount({
      ...{ homeserver: installed.url, localpart: "memtrix", password, displayName: "Memtrix" },
      by: { kind: "shared-secret", secret: installed.registrationSharedSecret },
    });
    expect(agent.userId).toBe("@memtrix:memtrix.local");
    expect(await checkToken({ homeserver: installed.url, accessToken: agent.accessToken })).toEqual({
      userId: agent.userId,
      deviceId: agent.deviceId,
    });
    await expect(
      createAccount({
        ...{ homeserver: installed.url, localpart: "stranger", password, displayName: "Stranger" },
        by: { kind: "registration-token", token: "guessed" },
      }),
    ).rejects.toThrow("its registration is closed");
  });

  it("has no federation", async () => {
    const responses = await Promise.all(
      ["/_matrix/federation/v1/version", "/_matrix/key/v2/server"].map((path) => fetch(`${installed.url}${path}`)),
    );
    expect(responses.map(({ status }) => status)).toEqual([404, 404]);
  });

  it("keeps what it has to itself", () => {
    for (const name of ["private.json", "homeserver.yaml", "signing.key"]) {
      expect(statSync(join(directory, name)).mode & 0o077, name).toBe(0);
    }
    const { secrets } = JSON.parse(readFileSync(join(directory, "private.json"), "utf8"));
    expect(new Set(Object.values(secrets)).size).toBe(4);
  });

  it("is installed twice without harm", async () => {
    expect(await installPrivateSynapse({ directory })).toEqual(installed);
  });

  it("is started again when it ends by itself, with its accounts", async () => {
    const back = Promise.withResolvers<void>();
    await running?.stop();
    const log = createLogger({ write: (line) => line.includes("starting it again") && back.resolve() });
    running = await startPrivateSynapse({ directory, log });
    const before = pidOf();
    process.kill(before, "SIGKILL");
    await back.promise;
    await expect.poll(() => answers(installed.url).catch(() => false), { timeout: 60_000 }).toBe(true);
    expect((await logIn({ homeserver: installed.url, userId: "@memtrix:memtrix.local", password })).userId).toBe(
      "@memtrix:memtrix.local",
    );
  });

  it("is gone when it is stopped, and its port is free", async () => {
    await running?.stop();
    running = undefined;
    await expect(answers(installed.url)).rejects.toThrow("fetch failed");
    expect(readdirSync(directory)).not.toContain("synapse.pid");
  });

  it("goes with us when we are killed, and the next start has the port", async () => {
    const program = `
      import { startPrivateSynapse } from ${JSON.stringify(join(import.meta.dirname, "../../src/homeserver/private-synapse.ts"))};
      import { silent } from ${JSON.stringify(join(import.meta.dirname, "../../src/log.ts"))};
      await startPrivateSynapse({ directory: ${JSON.stringify(directory)}, log: silent });
      console.log("up");`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");

    running = await startPrivateSynapse({ directory, log: silent });
    expect(await answers(installed.url)).toBe(true);
    await running.stop();
    running = undefined;
  });

  it("says so when another program has its port", async () => {
    const port = Number(new URL(installed.url).port);
    const other = createServer().listen(port, "127.0.0.1");
    await once(other, "listening");
    await expect(startPrivateSynapse({ directory, log: silent })).rejects.toThrow(
      `Port ${port} of this machine, where the private homeserver answers, is taken by another program`,
    );
    other.close();
  });

  it("does not become a new one when its secrets are damaged", async () => {
    home.write("homeserver/private.json", "{");
    await expect(startPrivateSynapse({ directory, log: silent })).rejects.toThrow("put it back from a backup");
    await expect(installPrivateSynapse({ directory })).rejects.toThrow("put it back from a backup");
  });
});
