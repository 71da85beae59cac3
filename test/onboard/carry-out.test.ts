import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Answers, answersFrom } from "../../onboard/answers.ts";
import { type CarryOutOptions, carryOut } from "../../onboard/carry-out.ts";
import { forgetOwnerPassword } from "../../onboard/matrix/prepare.ts";
import { openSetup } from "../../onboard/setup.ts";
import { surroundingsOf } from "../../onboard/surroundings.ts";
import { loadConfig } from "../../src/config/config.ts";
import { loadSecrets } from "../../src/config/secrets.ts";
import { silent } from "../../src/log.ts";
import { type PlayedAnswer, type PlayedRequest, playHomeserver } from "../homeserver/played-homeserver.ts";
import { type TemporaryHome, temporaryHome } from "../support/temporary-home.ts";

let home: TemporaryHome;
beforeEach(() => {
  home = temporaryHome();
});
afterEach(() => home[Symbol.dispose]());

const answers: Answers = {
  name: "Memtrix",
  provider: { section: "rehearsal", type: "rehearsal", settings: {}, secrets: {} },
  model: { id: "rehearsal", contextTokens: 16_384 },
  others: [],
  channel: "cli",
  timezone: "UTC",
};

const options = (surroundings = surroundingsOf({})): CarryOutOptions => ({
  setup: { home: home.path, surroundings },
  setUpKeys: async () => ({ recoveryKey: "EsT1 made just now" }),
  log: silent,
  onProgress: () => {},
});

describe("what was answered", () => {
  it("is written over what stands there then, so what was changed by hand meanwhile is kept", async () => {
    await carryOut(answers, options());
    const before = await loadConfig(home.path);
    const open = answersFrom(before);
    home.write("data/config.json", { ...before, limits: { steps: 3 }, memory: { half_life_days: 7 } });
    home.write("workspace/SOUL.md", "mine");
    if (open) await carryOut({ ...open, name: "Bea" }, options());
    expect(await loadConfig(home.path)).toMatchObject({
      "main-agent": { name: "Bea" },
      limits: { steps: 3 },
      memory: { half_life_days: 7 },
    });
    expect(readFileSync(join(home.path, "workspace/SOUL.md"), "utf8")).toBe("mine");
  });
});

describe("a homeserver that stands beside the program", () => {
  const token = "the-token-that-setup-made";
  const toBeMade: Answers = { ...answers, channel: "matrix", matrix: { kind: "here", owner: "ada" } };

  /** A Conduit: accounts by token, one stage. `refuse` answers instead where it gives something. */
  async function startConduit(refuse: (request: PlayedRequest) => PlayedAnswer | undefined = () => undefined) {
    const accounts = new Map<string, string>();
    const login = (user: string) => ({
      body: { user_id: `@${user}:memtrix.local`, device_id: "D", access_token: `token-of-${user}` },
    });
    const server = await playHomeserver((request) => {
      const { path, body = {}, authorization } = request;
      const refused = refuse(request);
      if (refused) return refused;
      const user = String(body.username ?? "");
      if (path.endsWith("/register")) {
        if (accounts.has(user)) return { status: 400, body: { errcode: "M_USER_IN_USE" } };
        const auth = body.auth as { token?: string } | undefined;
        const flows = { session: "s", flows: [{ stages: ["m.login.registration_token"] }] };
        if (auth?.token !== token)
          return { status: 401, body: { ...flows, ...(auth ? { errcode: "M_FORBIDDEN" } : {}) } };
        accounts.set(user, String(body.password));
        return login(user);
      }
      if (path.endsWith("/login")) {
        const { user: name = "" } = (body.identifier ?? {}) as { user?: string };
        return accounts.get(name) === body.password ? login(name) : { status: 403, body: { errcode: "M_FORBIDDEN" } };
      }
      if (path.endsWith("/whoami"))
        return { body: { user_id: `@${authorization?.split("-of-")[1]}:memtrix.local`, device_id: "D" } };
      return {};
    });
    const surroundings = {
      ...surroundingsOf({ MEMTRIX_IN_CONTAINER: "1" }),
      homeserver: { address: server.url, forPeople: "http://127.0.0.1:6167" },
    };
    return { ...server, accounts, surroundings };
  }

  it("makes the owner's account first, who is its administrator then, and the agent's by the token of .env", async () => {
    home.write(".env", `MEMTRIX_SECRET_REGISTRATION_TOKEN=${token}\n`);
    const { accounts, surroundings, url } = await startConduit();
    const { matrix } = await carryOut(toBeMade, options(surroundings));
    expect([...accounts.keys()]).toEqual(["ada", "memtrix"]);
    expect(matrix).toMatchObject({
      address: "http://127.0.0.1:6167",
      owner: { userId: "@ada:memtrix.local", password: accounts.get("ada") },
      recoveryKey: "EsT1 made just now",
    });
    expect(accounts.get("ada")).toMatch(/^\w{24}$/);
    expect((await loadConfig(home.path)).channels.matrix).toMatchObject({
      homeserver: url,
      user_id: "@memtrix:memtrix.local",
      access_token: "$MATRIX_ACCESS_TOKEN",
      owners: ["@ada:memtrix.local"],
    });
  });

  it("answered the same again makes no account, and tells the password only until it was read", async () => {
    home.write(".env", `MEMTRIX_SECRET_REGISTRATION_TOKEN=${token}\n`);
    const { accounts, surroundings } = await startConduit();
    await carryOut(toBeMade, options(surroundings));
    const unread = await carryOut(toBeMade, options(surroundings));
    expect(unread.matrix?.owner?.password).toBe(accounts.get("ada"));
    await forgetOwnerPassword(loadSecrets(home.path, {}));
    const { matrix } = await carryOut(toBeMade, options(surroundings));
    expect([...accounts.keys()]).toEqual(["ada", "memtrix"]);
    expect(matrix?.owner).toBeUndefined();
    expect(readFileSync(join(home.path, ".env"), "utf8")).not.toContain("OWNER_PASSWORD");
  });

  it("says what makes the token where it is missing", async () => {
    const { surroundings, requests } = await startConduit();
    await expect(carryOut(toBeMade, options(surroundings))).rejects.toThrow("run ./setup.sh");
    expect(requests).toEqual([]);
    expect(existsSync(join(home.path, "data/config.json"))).toBe(false);
  });

  it("broken off between the two accounts, goes on with the same ones", async () => {
    home.write(".env", `MEMTRIX_SECRET_REGISTRATION_TOKEN=${token}\n`);
    let isUp = false;
    const { accounts, surroundings } = await startConduit(({ body }) =>
      !isUp && body?.username === "memtrix" ? { status: 502, body: "<html>" } : undefined,
    );
    await expect(carryOut(toBeMade, options(surroundings))).rejects.toThrow("is not up");
    expect([...accounts.keys()]).toEqual(["ada"]);
    expect(existsSync(join(home.path, "data/config.json"))).toBe(false);
    isUp = true;
    const { matrix } = await carryOut(toBeMade, options(surroundings));
    expect([...accounts.keys()]).toEqual(["ada", "memtrix"]);
    expect(matrix?.owner?.password).toBe(accounts.get("ada"));
    expect((await openSetup(home.path, {})).existing?.["main-agent"].channel).toBe("matrix");
  });
});
