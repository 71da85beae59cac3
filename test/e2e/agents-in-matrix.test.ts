import { existsSync, globSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ChromaClient } from "chromadb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadSecrets } from "../../src/config/secrets.ts";
import { filesWith } from "../support/all-bytes.ts";
import { chromaCommand, startTestChroma } from "../support/chroma.ts";
import { makeModelFolder } from "../support/make-onnx.ts";
import { type MakingScene, openMakingScene } from "../support/making-scene.ts";
import { startVerifiedNioPerson } from "../support/nio-person.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";
import { type TemporaryHome, temporaryHome } from "../support/temporary-home.ts";

/* The owner's client is matrix-nio: another implementation of Matrix and its encryption than ours. */

const userId = "@cook:memtrix.test";
const patience = { limitMs: 60_000 };
/** Stands in what is said to it, and nowhere in what the main agent was told. */
const canary = "zabaglionequx";
const cook = { name: "Cook", description: "recipes and menus", instructions: "You cook for two." };
const create = `call create_agent ${JSON.stringify(cook)}`;

describe.skipIf(!(await canRunSynapse()))("an agent that is made in Matrix", { timeout: 240_000 }, () => {
  const opened = new AsyncDisposableStack();
  let scene: MakingScene;
  let beside: TemporaryHome;
  let chroma: ChromaClient | undefined;
  let kitchen = "";

  beforeAll(async () => {
    beside = opened.use(temporaryHome());
    const model = join(beside.path, "small");
    makeModelFolder(model);
    let chromaUrl: string | null = null;
    if (await chromaCommand()) {
      const directory = join(beside.path, "chroma");
      mkdirSync(directory);
      const server = opened.adopt(await startTestChroma(directory), ({ stop }) => stop());
      chromaUrl = server.url;
      chroma = new ChromaClient({ host: "127.0.0.1", port: Number(new URL(server.url).port), ssl: false });
    }
    const startPerson = startVerifiedNioPerson;
    scene = opened.use(await openMakingScene({ startPerson, config: { memory: { model, chroma_url: chromaUrl } } }));
  }, 240_000);
  afterAll(() => opened.disposeAsync());

  const secretsNow = () => readFileSync(join(scene.home.path, ".env"), "utf8");

  it("is not made after a no: there is no account, no folder, no secret", async () => {
    await scene.order(create, "no", /It gave: .*(no|not)/i);
    expect(scene.config().agents).toEqual({});
    expect(existsSync(join(scene.home.path, "agents/cook"))).toBe(false);
    expect(secretsNow()).not.toContain("COOK");
    expect(await scene.account(userId)).toMatchObject({ errcode: "M_NOT_FOUND" });
  });

  it("says hello in an encrypted room of its own after a yes, and is in the space with the main one's", async () => {
    const { person, order, config } = scene;
    await order(create, "yes", /Cook is there as .@cook:memtrix.test/);
    kitchen = await person.waitForInvitation(userId, patience);
    await person.join(kitchen);
    const hello = await person.waitForMessage(kitchen, undefined, patience);
    expect(hello).toMatchObject({ sender: userId, encrypted: true, undecryptable: false });
    expect(hello.content.body).toContain("recipes and menus");
    expect(config().agents.cook).toMatchObject({
      ...{ user_id: userId, access_token: "$COOK_ACCESS_TOKEN", recovery_key: "$COOK_RECOVERY_KEY" },
    });
  });

  it("talks there, remembers, and is asked by the main one", async () => {
    const { person, room } = scene;
    const noted = `call write_memory_file {"section":"Notes","text":"The dish is ${canary}"}`;
    const answer = await person.ask(kitchen, `My dish is ${canary}.\n${noted}`);
    expect(answer).toMatchObject({ encrypted: true, undecryptable: false });
    expect(answer.content.body).toContain("It gave:");

    const asking = `call ask_agent ${JSON.stringify({ name: "Cook", question: 'call read_core_file {"name":"SOUL"}' })}`;
    expect((await person.ask(room, asking)).content.body).toContain("You cook for two.");
    const status = async () => String((await person.ask(kitchen, "!memory")).content.body);
    await expect.poll(status, { timeout: 60_000, interval: 500 }).toMatch(/by meaning \((?!.*no vector yet)/);
  });

  it("is gone for good after another yes, and nothing that was its own is left in any file", async () => {
    const { home, order, running, synapse } = scene;
    const everywhere = [home.path, beside.path];
    const { resolve } = loadSecrets(home.path, {});
    const names = ["ACCESS_TOKEN", "RECOVERY_KEY", "PASSWORD"];
    const own = [canary, ...names.map((name) => resolve(`$COOK_${name}`)), ...keysOf(home.path)];
    const before = filesWith(own, ...everywhere);
    expect(own.filter((one) => !before.some((line) => line.endsWith(textOf(one))))).toEqual([]);
    expect(own.length).toBeGreaterThan(10);
    expect(await collectionsOf("cook")).toHaveLength(1);

    await order('call delete_agent {"name":"cook"}', "yes", /Cook is gone/);
    expect(await collectionsOf("cook")).toEqual([]);
    expect(filesWith(own, ...everywhere)).toEqual([]);
    running.kill("SIGTERM");
    const { stdout, stderr } = await running.ended;
    expect(filesWith(own, ...everywhere)).toEqual([]);
    expect(own.filter((one) => `${stdout}${stderr}`.includes(textOf(one)))).toEqual([]);
    expect(existsSync(join(home.path, "agents/cook"))).toBe(false);
    expect(readdirSync(join(home.path, "data/matrix")).filter((name) => name.startsWith("cook"))).toEqual([]);
    expect(scene.config().agents).toEqual({});
    expect(secretsNow()).not.toContain("COOK");
    // What a homeserver keeps of an account that is closed: that it was there, and what it sent, encrypted.
    expect(await scene.account(userId)).toMatchObject({ deactivated: true });
    expect(await scene.account(`${userId}/devices`)).toMatchObject({ total: 0 });
    expect(filesWith([canary], synapse.directory)).toEqual([]);
  });

  it("is undone when the program was killed in the middle of its keys", async () => {
    const { home, person, room } = scene;
    const running = scene.start();
    await running.said("stderr", "All agents are connected");
    const from = person.seen().length;
    await person.send(room, create.replaceAll("Cook", "Baker"));
    await person.waitForMessage(room, undefined, { ...patience, from });
    const devices = () => globSync(join(home.path, "data/matrix/baker*/device.db")).length;
    await person.send(room, "yes");
    await expect.poll(devices, { timeout: 60_000, interval: 5 }).toBe(1);
    running.kill("SIGKILL");
    await running.ended;

    const again = scene.start();
    await again.said("stderr", "All agents are connected");
    const closed = () => scene.account("@baker:memtrix.test");
    await expect.poll(closed, { timeout: 60_000 }).toMatchObject({ deactivated: true });
    await expect.poll(secretsNow, { timeout: 60_000 }).not.toContain("BAKER");
    expect(scene.config().agents).toEqual({});
    expect([existsSync(join(home.path, "agents/baker")), devices()]).toEqual([false, 0]);
    again.kill("SIGTERM");
    await again.ended;
  });

  /** Where the vectors of an agent are: in Chroma, or in a file of ours. */
  async function collectionsOf(agent: string): Promise<string[]> {
    if (chroma) return (await chroma.listCollections()).map(({ name }) => name).filter((name) => name.includes(agent));
    using vectors = new DatabaseSync(join(scene.home.path, "data/vectors.db"), { readOnly: true });
    const names = vectors.prepare("SELECT name FROM collection").all();
    return names.map(({ name }) => String(name)).filter((name) => name.startsWith(agent));
  }
});

/** Bytes out of the middle of what its device keeps, and no other. */
function keysOf(home: string): Uint8Array[] {
  const [path = ""] = globSync(join(home, "data/matrix/cook*/device.db"));
  using device = new DatabaseSync(path, { readOnly: true });
  const records = device.prepare("SELECT value FROM record WHERE length(value) > 200").all();
  const samples = records.map(({ value }) => (value as Uint8Array).slice(100, 124));
  const ofOthers = filesWith(samples, ...globSync(join(home, "data/matrix/memtrix*")));
  return samples.filter((one) => !ofOthers.some((line) => line.endsWith(textOf(one)))).slice(0, 20);
}

const textOf = (one: string | Uint8Array): string => (typeof one === "string" ? one : Buffer.from(one).toString("hex"));
