import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { secretPrefix } from "../../src/config/secrets-file.ts";
import { layMatrixHome } from "../support/matrix-home.ts";
import { startObedientModel } from "../support/obedient-model.ts";
import { type Ended, type Program, program } from "../support/program.ts";
import { startSynapse, type TestSynapse, type TestUser } from "../support/synapse.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";
import { type TemporaryHome, temporaryHome } from "../support/temporary-home.ts";

const preload = join(import.meta.dirname, "../support/kill-at-step.mjs");
const step = "UPDATE agent_change SET step";

describe.skipIf(!(await canRunSynapse()))("the account of an agent", { timeout: 120_000 }, () => {
  const opened = new AsyncDisposableStack();
  let synapse: TestSynapse;
  let [admin, main, owner]: TestUser[] = [];
  let token: unknown;
  let model: Awaited<ReturnType<typeof startObedientModel>>;
  let home: TemporaryHome;
  let memtrix: Program;
  let count = 0;

  beforeAll(async () => {
    synapse = await startSynapse({ settings: { enable_registration: true, registration_requires_token: true } });
    opened.defer(() => synapse.stop());
    admin = await synapse.registerUser("admin", { admin: true });
    main = await synapse.registerUser("memtrix");
    owner = await synapse.registerUser("ada");
    ({ token } = await asAdmin("v1/registration_tokens/new", "{}"));
    model = opened.use(await startObedientModel());
  }, 120_000);
  beforeEach(() => {
    home = opened.use(temporaryHome());
    memtrix = opened.use(program({ home: home.path }));
    lay({ REGISTRATION_TOKEN: String(token) });
  });
  afterAll(() => opened.disposeAsync());

  function lay(secrets: Record<string, string>): void {
    layMatrixHome(home, { url: synapse.url, agent: main as TestUser, owner: owner as TestUser, model: model.config });
    const all = { MATRIX_TOKEN: main?.accessToken, ...secrets };
    home.write(
      ".env",
      Object.entries(all)
        .map(([name, value]) => `${secretPrefix}${name}=${value}\n`)
        .join(""),
    );
  }

  async function asAdmin(path: string, body?: string) {
    const headers = { authorization: `Bearer ${admin?.accessToken}` };
    const answer = await fetch(
      `${synapse.url}/_synapse/admin/${path}`,
      body ? { method: "POST", body, headers } : { headers },
    );
    return (await answer.json()) as Record<string, never>;
  }

  const agents = (...argv: string[]): Promise<Ended> => memtrix.start(["agents", ...argv], { limitMs: 60_000 }).ended;
  const killed = (at: string, ...argv: string[]): Promise<Ended> =>
    memtrix.start(["agents", ...argv], {
      limitMs: 60_000,
      env: { NODE_OPTIONS: `--import=${preload}`, KILL_AT_STEP: at },
    }).ended;
  const read = (path: string) => readFileSync(join(home.path, path), "utf8");
  const isClosed = async (id: string): Promise<boolean> =>
    (await asAdmin(`v2/users/@${id}:memtrix.test`)).deactivated !== (false as never);
  const left = (id: string) => ({
    config: Object.keys(JSON.parse(read("data/config.json")).agents ?? {}),
    secrets: read(".env").includes(id.toUpperCase().replaceAll("-", "_")),
    folder: existsSync(join(home.path, "agents", id)),
    keys: (existsSync(join(home.path, "data/matrix")) ? readdirSync(join(home.path, "data/matrix")) : []).filter(
      (name) => name.startsWith(id),
    ),
  });
  const nothing = { config: [], secrets: false, folder: false, keys: [] };

  it.each([
    ["before its account is made", `after:${step}`],
    ["with its account", `before#2:${step}`],
    ["with all but its opening", `after#4:${step}`],
  ])("is not there when the program was killed %s", async (_, at) => {
    const id = `cook-${++count}`;
    expect((await killed(at, "create", id, "--description", "menus")).signal).toBe("SIGKILL");
    expect((await agents("create", `other-${count}`, "--description", "menus")).code).toBe(0);
    expect(left(id)).toEqual({ ...nothing, config: [`other-${count}`] });
    expect(await isClosed(id)).toBe(true);
    expect(await isClosed(`other-${count}`)).toBe(false);
  });

  it.each([1, 3, 5, 6, 7])("is closed when the program was killed at step %i of removing it", async (number) => {
    const id = `baker-${number}`;
    expect((await agents("create", id, "--description", "menus")).stdout).toContain(
      `with the account @${id}:memtrix.test.`,
    );
    expect(await isClosed(id)).toBe(false);
    expect((await killed(`after#${number}:${step}`, "delete", id, "--yes")).signal).toBe("SIGKILL");
    await agents("create", "x"); // It has no description: nothing is made.
    expect(left(id)).toEqual(nothing);
    expect(await isClosed(id)).toBe(true);
  });

  it("is one that is there already, where the homeserver makes none for programs", async () => {
    lay({});
    const refused = await agents("create", "Gardener", "--description", "beds");
    expect(refused.stderr).toContain("memtrix agents create gardener --access-token-env VARIABLE");
    const given = await synapse.registerUser("green");
    const env = { GREEN: given.accessToken };
    const argv = ["agents", "create", "Gardener", "--description", "beds", "--access-token-env", "GREEN"];
    const made = await memtrix.start(argv, { env, limitMs: 60_000 }).ended;
    expect(made.stdout).toContain("Gardener is made, with the account @green:memtrix.test.");
    expect(left("gardener").config).toEqual(["gardener"]);

    expect((await agents("delete", "gardener", "--yes")).code).toBe(0);
    expect(left("gardener")).toEqual(nothing);
    expect(await isClosed("green")).toBe(false);
    const who = await fetch(`${synapse.url}/_matrix/client/v3/account/whoami`, {
      headers: { authorization: `Bearer ${given.accessToken}` },
    });
    expect(who.status).toBe(401);
  });
});
