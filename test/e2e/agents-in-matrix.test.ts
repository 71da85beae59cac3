import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadSecrets } from "../../src/config/secrets.ts";
import { secretPrefix } from "../../src/config/secrets-file.ts";
import { filesWith } from "../support/all-bytes.ts";
import { layMatrixHome } from "../support/matrix-home.ts";
import { type MatrixPerson, startMatrixPerson } from "../support/matrix-person.ts";
import { startObedientModel } from "../support/obedient-model.ts";
import { program, type Running } from "../support/program.ts";
import { startSynapse, type TestSynapse, type TestUser } from "../support/synapse.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";
import { type TemporaryHome, temporaryHome } from "../support/temporary-home.ts";

const cook = { name: "Cook", description: "recipes and menus", instructions: "You cook for two." };

describe.skipIf(!(await canRunSynapse()))("an agent that is made in Matrix", { timeout: 120_000 }, () => {
  const opened = new AsyncDisposableStack();
  let synapse: TestSynapse;
  let home: TemporaryHome;
  let person: MatrixPerson;
  let running: Running;
  let room: string;
  let admin: TestUser;

  const configOf = () => JSON.parse(readFileSync(join(home.path, "data/config.json"), "utf8"));
  const answered = (where: string, text: string | RegExp) =>
    person.waitForMessage(where, ({ content }) => String(content.body).search(text) >= 0, { limitMs: 30_000 });

  /** Says it, says yes to the question, and waits for what it gave. */
  async function ordered(text: string, gave: string | RegExp): Promise<void> {
    await person.ask(room, text);
    await person.send(room, "yes");
    await answered(room, gave);
  }

  beforeAll(async () => {
    synapse = await startSynapse({ settings: { enable_registration: true, registration_requires_token: true } });
    opened.defer(() => synapse.stop());
    admin = await synapse.registerUser("admin", { admin: true });
    const made = await fetch(`${synapse.url}/_synapse/admin/v1/registration_tokens/new`, {
      ...{ method: "POST", body: "{}", headers: { authorization: `Bearer ${admin.accessToken}` } },
    });
    const { token } = (await made.json()) as { token: string };
    const [agent, owner] = [await synapse.registerUser("memtrix"), await synapse.registerUser("ada")];
    const model = opened.use(await startObedientModel());
    home = opened.use(temporaryHome());
    layMatrixHome(home, { url: synapse.url, agent, owner, model: model.config });
    home.write(
      ".env",
      `${secretPrefix}MATRIX_TOKEN=${agent.accessToken}\n${secretPrefix}REGISTRATION_TOKEN=${token}\n`,
    );
    person = await startMatrixPerson({ url: synapse.url, user: owner, crossSigned: true });
    opened.defer(() => person.stop());
    const memtrix = opened.use(program({ home: home.path }));
    running = memtrix.start(["start"], { limitMs: 600_000 });
    room = await person.waitForInvitation(agent.userId);
    await person.join(room);
    await person.waitForMessage(room);
  }, 120_000);
  afterAll(() => opened.disposeAsync());

  it("says hello in an encrypted room of its own, answers there, and leaves nothing when it is deleted", async () => {
    await ordered(`call create_agent ${JSON.stringify(cook)}`, /Cook is there as .@cook:memtrix.test/);
    const kitchen = await person.waitForInvitation("@cook:memtrix.test");
    await person.join(kitchen);
    const hello = await person.waitForMessage(kitchen);
    expect(hello).toMatchObject({ sender: "@cook:memtrix.test", encrypted: true, undecryptable: false });
    expect(hello.content.body).toContain("recipes and menus");
    expect(configOf().agents.cook).toMatchObject({
      access_token: "$COOK_ACCESS_TOKEN",
      recovery_key: "$COOK_RECOVERY_KEY",
    });

    const canary = "Zabaglionequx73";
    const answer = await person.ask(
      kitchen,
      `My dish is ${canary}.\ncall write_memory_file {"section":"Notes","text":"The dish is ${canary}"}`,
    );
    expect(answer.content.body).toContain("It gave:");
    const { resolve } = loadSecrets(home.path, {});
    const secrets = Object.values(resolve({ a: "$COOK_ACCESS_TOKEN", b: "$COOK_RECOVERY_KEY", c: "$COOK_PASSWORD" }));
    const everywhere = [join(home.path, "data"), join(home.path, "agents"), join(home.path, "workspace")];
    expect(filesWith([canary], ...everywhere).length).toBeGreaterThan(1);

    await ordered('call delete_agent {"name":"cook"}', /Cook is gone/);
    running.kill("SIGTERM");
    await running.ended;
    expect(filesWith([canary, ...secrets], home.path)).toEqual([]);
    expect(existsSync(join(home.path, "agents/cook"))).toBe(false);
    expect(readdirSync(join(home.path, "data/matrix")).filter((name) => name.startsWith("cook"))).toEqual([]);
    expect(configOf().agents).toEqual({});
    const account = await fetch(`${synapse.url}/_synapse/admin/v2/users/@cook:memtrix.test`, {
      headers: { authorization: `Bearer ${admin.accessToken}` },
    });
    expect(await account.json()).toMatchObject({ deactivated: true });
  });
});
