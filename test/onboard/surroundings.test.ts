import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { connect } from "../../onboard/connection.ts";
import { findRunning, usualSettings } from "../../onboard/find-running.ts";
import { checkHomeserver } from "../../onboard/matrix/check-homeserver.ts";
import { openSetup } from "../../onboard/setup.ts";
import { adviceOn, asReached, surroundingsOf } from "../../onboard/surroundings.ts";
import { planSetup } from "../../onboard/write.ts";
import { defineProvider, type ProviderModule } from "../../src/provider.ts";
import { startOllamaServer } from "../support/ollama-server.ts";
import { type TemporaryHome, temporaryHome } from "../support/temporary-home.ts";

let home: TemporaryHome;
beforeEach(() => {
  home = temporaryHome();
});
afterEach(() => home[Symbol.dispose]());

const inContainer = { MEMTRIX_IN_CONTAINER: "1" };
const container = surroundingsOf(inContainer);

describe("an address on this machine", () => {
  it.each([
    ["http://127.0.0.1:11434", "http://host.docker.internal:11434"],
    ["http://localhost:8000/v1", "http://host.docker.internal:8000/v1"],
    ["http://[::1]:8000/", "http://host.docker.internal:8000/"],
    ["https://example.org/v1", "https://example.org/v1"],
    ["no address", "no address"],
  ])("%s is %s from a container", (address, reached) => {
    expect(asReached(address, "host.docker.internal")).toBe(reached);
  });

  it("is the container itself there, and that is said; outside there is nothing to say", () => {
    expect(adviceOn("http://localhost:1234", container)).toContain("http://host.docker.internal:1234");
    expect(adviceOn("http://localhost:1234", surroundingsOf({}))).toBeUndefined();
    expect(adviceOn("http://192.168.1.5:1234", container)).toBeUndefined();
  });
});

describe("in the container", () => {
  it("an Ollama is looked for on the machine around it, then among the containers", async () => {
    const setup = await openSetup(home.path, { ...inContainer });
    expect(setup.surroundings.hosts("ollama")).toEqual(["host.docker.internal", "ollama"]);
    const ollama = setup.modules.get("ollama");
    expect(ollama && usualSettings(ollama, setup.surroundings)).toEqual({
      base_url: "http://host.docker.internal:11434",
    });
  });

  it("a server of models that is not there is explained", async () => {
    const setup = await openSetup(home.path, { ...inContainer });
    const at = (base_url: string) =>
      connect({ section: "ollama", type: "ollama", settings: { base_url }, secrets: {} }, setup);
    expect((await at("http://127.0.0.1:1")).problem).toContain("is the container itself");
    expect((await at("http://nowhere.invalid:1")).problem).toMatch(/systemctl edit ollama.*OLLAMA_HOST=0\.0\.0\.0/);
    expect(await checkHomeserver("http://127.0.0.1:9", setup.surroundings)).toContain("host.docker.internal:9");
  });

  it("a new config has the SearXNG beside it; what the owner said about it stays", () => {
    const source = {
      provider: { section: "rehearsal", type: "rehearsal", settings: {}, secrets: {} },
      model: { id: "rehearsal", contextTokens: 16_384 },
    };
    const answers = { ...source, name: "Ada", others: [], channel: "cli", timezone: "UTC" };
    const { config } = planSetup({ answers, existing: undefined, surroundings: container });
    expect(config.search.searxng_url).toBe("http://searxng:8080");
    const existing = { ...config, search: { searxng_url: null } };
    expect(planSetup({ answers, existing, surroundings: container }).config.search.searxng_url).toBeNull();
  });
});

describe("a server that runs here", () => {
  it("is found with its models, at the first host where one answers", async () => {
    await using server = await startOllamaServer({ models: { one: {}, two: {} } });
    const setup = await openSetup(home.path, {});
    const { port } = new URL(server.url);
    const played = defineProvider({
      name: "played",
      description: "",
      // Not the usual port: a real one may listen there.
      settings: z.object({ base_url: z.url().default(`http://localhost:${port}`) }),
      create: (settings, context) => {
        const ollama = setup.modules.get("ollama");
        if (!ollama) throw new Error("there is no provider ollama");
        return ollama.create({ headers_timeout: 5, ...settings }, context);
      },
    });
    const surroundings = { ...container, hosts: () => ["nowhere.invalid", "127.0.0.1"] };
    const modules = new Map([["played", played as ProviderModule]]);
    const found = await findRunning({ ...setup, modules, surroundings }, new AbortController().signal);
    expect(found.get("played")).toMatchObject({ models: 2 });
  });
});
