import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { logIn } from "../../src/homeserver/accounts.ts";
import { startPrivateSynapse } from "../../src/homeserver/private-synapse.ts";
import { silent } from "../../src/log.ts";
import { type Ended, type Program, program } from "../support/program.ts";
import { startSynapse, type TestSynapse, type TestUser } from "../support/synapse.ts";
import { canRunSynapse, synapsePython } from "../support/synapse-venv.ts";
import { type TemporaryHome, temporaryHome } from "../support/temporary-home.ts";

const basics = ["--name", "Memtrix", "--provider", "rehearsal", "--channel", "matrix", "--timezone", "UTC"];

let home: TemporaryHome;
let memtrix: Program;
beforeEach(() => {
  home = temporaryHome();
  memtrix = program({ home: home.path });
  return async () => {
    await memtrix[Symbol.asyncDispose]();
    home[Symbol.dispose]();
  };
});

function onboard(flags: string[], env: Record<string, string> = {}): Promise<Ended> {
  return memtrix.start(["onboard", ...flags], { env, limitMs: 120_000 }).ended;
}

const read = (name: string) => readFileSync(join(home.path, name), "utf8");
const channel = () => JSON.parse(read("data/config.json")).channels.matrix;
const secret = (name: string) => new RegExp(`^MEMTRIX_SECRET_${name}=(.*)$`, "m").exec(read(".env"))?.[1];

describe.skipIf(!(await canRunSynapse()))(
  "memtrix onboard with a homeserver that is there",
  { timeout: 120_000 },
  () => {
    let synapse: TestSynapse;
    let admin: TestUser;
    beforeAll(async () => {
      synapse = await startSynapse({ settings: { enable_registration: true, registration_requires_token: true } });
      admin = await synapse.registerUser("admin", { admin: true });
    }, 120_000);
    afterAll(() => synapse?.stop());

    async function keysOf({ accessToken, userId }: Pick<TestUser, "accessToken" | "userId">) {
      const response = await fetch(`${synapse.url}/_matrix/client/v3/keys/query`, {
        method: "POST",
        headers: { authorization: `Bearer ${accessToken}` },
        body: JSON.stringify({ device_keys: { [userId]: [] } }),
      });
      return (await response.json()) as { master_keys?: Record<string, unknown> };
    }

    it("takes an account by its token: the config names the secret, and the keys are set up", async () => {
      const agent = await synapse.registerUser("one");
      const { code, stdout, stderr } = await onboard(
        [...basics, "--homeserver", `${synapse.url}/`, "--owner", "@ada:memtrix.test", "--access-token-env", "TOKEN"],
        { TOKEN: agent.accessToken },
      );
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(channel()).toMatchObject({
        type: "matrix",
        homeserver: synapse.url,
        user_id: agent.userId,
        access_token: "$MATRIX_ACCESS_TOKEN",
        recovery_key: "$MATRIX_RECOVERY_KEY",
        owners: ["@ada:memtrix.test"],
      });
      expect(JSON.parse(read("data/config.json"))["main-agent"].channel).toBe("matrix");
      expect(secret("MATRIX_ACCESS_TOKEN")).toBe(agent.accessToken);
      expect(secret("MATRIX_RECOVERY_KEY")).toMatch(/^["']?(\w{4} ){11}\w{4}/);
      expect(Object.keys((await keysOf(agent)).master_keys ?? {})).toEqual([agent.userId]);
      for (const said of [stdout, stderr, read("data/config.json")]) expect(said).not.toContain(agent.accessToken);

      const again = await onboard(["--owner", "@ada:memtrix.test,@bea:memtrix.test"]);
      expect(again).toMatchObject({ code: 0 });
      expect(channel()).toMatchObject({ user_id: agent.userId, owners: ["@ada:memtrix.test", "@bea:memtrix.test"] });
    });

    it("logs in by password, and run again is the same device", async () => {
      const agent = await synapse.registerUser("two");
      const flags = [...basics, "--homeserver", synapse.url, "--owner", admin.userId, "--user-id", agent.userId];
      const first = await onboard([...flags, "--password-env", "PASSWORD"], { PASSWORD: agent.password });
      expect(first.stderr).not.toContain(agent.password);
      expect(first.code).toBe(0);
      const token = secret("MATRIX_ACCESS_TOKEN");
      expect(await onboard([...flags, "--password-env", "PASSWORD"], { PASSWORD: agent.password })).toMatchObject({
        code: 0,
      });
      expect(secret("MATRIX_ACCESS_TOKEN")).toBe(token);
      expect(read(".env")).not.toContain(agent.password);
    });

    it("makes an account by a registration token", async () => {
      await fetch(`${synapse.url}/_synapse/admin/v1/registration_tokens/new`, {
        method: "POST",
        headers: { authorization: `Bearer ${admin.accessToken}` },
        body: JSON.stringify({ token: "let-me-in" }),
      });
      const flags = [
        ...basics,
        "--homeserver",
        synapse.url,
        "--owner",
        admin.userId,
        "--user-id",
        "@three:memtrix.test",
      ];
      const { code, stderr } = await onboard([...flags, "--registration-token-env", "RT"], { RT: "let-me-in" });
      expect({ code, stderr }).toMatchObject({ code: 0 });
      const password = secret("MATRIX_PASSWORD") ?? "";
      expect(password).toMatch(/^\w{24}$/);
      const account = await logIn({ homeserver: synapse.url, userId: "@three:memtrix.test", password });
      expect(account.userId).toBe(channel().user_id);
    });

    it.each<[string, string[], RegExp]>([
      ["an address that nobody answers at", ["--homeserver", "http://127.0.0.1:1"], /127\.0\.0\.1:1/],
      ["an owner without a server", ["--owner", "ada"], /Write the whole id, with the server: @ada:example\.org/],
      ["a token that is not known", [], /does not know this access token/],
      ["two ways at once", ["--password-env", "TOKEN"], /three ways: choose one/],
    ])("refuses %s in a sentence, and writes no config", async (_, flags, sentence) => {
      const given = [
        ...basics,
        "--homeserver",
        synapse.url,
        "--owner",
        "@ada:memtrix.test",
        "--access-token-env",
        "TOKEN",
      ];
      const { code, stderr } = await onboard([...given, ...flags], { TOKEN: "syt_wrong_token_of_nobody" });
      expect(code).toBeGreaterThan(0);
      expect(stderr).toMatch(sentence);
      expect(stderr).not.toContain("syt_wrong");
      expect(() => read("data/config.json")).toThrow();
    });

    it("takes no account that is the owner's own", async () => {
      const { code, stderr } = await onboard(
        [...basics, "--homeserver", synapse.url, "--owner", admin.userId, "--access-token-env", "TOKEN"],
        { TOKEN: admin.accessToken },
      );
      expect(code).toBe(1);
      expect(stderr).toContain("is the agent's own account");
    });
  },
);

describe.skipIf(!(await canRunSynapse()))(
  "memtrix onboard with a homeserver of one's own",
  { timeout: 180_000 },
  () => {
    it("makes it, with an account for the agent and one for its owner, whose password is told once", async () => {
      mkdirSync(join(home.path, "data/homeserver"), { recursive: true });
      // The one that all tests share, in the place where it looks for its own.
      symlinkSync(dirname(dirname((await synapsePython()) ?? "")), join(home.path, "data/homeserver/venv"));
      const { code, stdout, stderr } = await onboard([...basics, "--homeserver", "here", "--owner", "ada"]);
      expect({ code, stderr }).toMatchObject({ code: 0 });
      const [, password = ""] = /^ {4}(\w{24})$/m.exec(stdout) ?? [];
      expect(stdout).toContain("@ada:memtrix.local");
      expect(read(".env") + read("data/config.json")).not.toContain(password);
      expect(channel()).toMatchObject({
        user_id: "@memtrix:memtrix.local",
        owners: ["@ada:memtrix.local"],
        access_token: "$MATRIX_ACCESS_TOKEN",
        recovery_key: "$MATRIX_RECOVERY_KEY",
      });
      expect(readdirSync(join(home.path, "data/matrix"))).toHaveLength(1);

      const running = await startPrivateSynapse({ directory: join(home.path, "data/homeserver"), log: silent });
      try {
        const owner = await logIn({ homeserver: channel().homeserver, userId: "@ada:memtrix.local", password });
        const devices = await fetch(`${channel().homeserver}/_matrix/client/v3/devices`, {
          headers: { authorization: `Bearer ${owner.accessToken}` },
        });
        expect(((await devices.json()) as { devices: unknown[] }).devices).toHaveLength(1);
      } finally {
        await running.stop();
      }
    });
  },
);
