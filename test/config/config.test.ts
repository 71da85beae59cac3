import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfig, saveConfig } from "../../src/config/config.ts";
import { ConfigError } from "../../src/errors.ts";
import { temporaryHome } from "../support/temporary-home.ts";

const smallest = {
  version: 1,
  "main-agent": { model: "small" },
  providers: { home: { type: "ollama", base_url: "http://127.0.0.1:11434", api_key: "$KEY" } },
  models: { small: { provider: "home", model: "llama3" } },
};

/** What is said of a config that cannot be used. */
async function refusal(config: string | object): Promise<string> {
  using home = temporaryHome();
  home.write("data/config.json", config);
  const error = await loadConfig(home.path).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(ConfigError);
  return error.message;
}

describe("data/config.json", () => {
  it("needs little: what is not said has a default", async () => {
    using home = temporaryHome();
    home.write("data/config.json", smallest);
    expect(await loadConfig(home.path)).toMatchObject({
      "main-agent": { name: "Memtrix", channel: "cli", verbose: false, tools: {} },
      "workspace-directory": "workspace",
      models: { small: { context_tokens: 16_384, parameters: {} } },
      channels: { cli: { type: "cli" } },
      memory: { model: "nomic-ai/nomic-embed-text-v1.5", half_life_days: 60 },
      limits: { steps: 10, calls: 25, run_minutes: 10, tokens_per_day: null, cost_per_day: null },
    });
  });

  it("takes everything that it can hold", async () => {
    using home = temporaryHome();
    home.write("data/config.json", {
      ...smallest,
      agents: {
        cook: {
          name: "Cook",
          description: "recipes and menus",
          model: "small",
          channel: "matrix",
          user_id: "@cook:memtrix.local",
          access_token: "$COOK_ACCESS_TOKEN",
          parameters: { temperature: 0.7, top_p: 0.9, max_tokens: 2048 },
        },
      },
      timezone: "Europe/Lisbon",
      channels: {
        matrix: {
          type: "matrix",
          homeserver: "http://conduit:6167",
          user_id: "@memtrix:memtrix.local",
          access_token: "$MATRIX_ACCESS_TOKEN",
          owners: ["@you:memtrix.local"],
          attachment_mib: 20,
          rooms: { "!room:memtrix.local": { mode: "mention", trusted: false, agents_may_talk: 4 } },
        },
        cli: { type: "cli" },
      },
      search: { searxng_url: "http://searxng:8080" },
      egress: { allow: ["192.168.1.5:8123"] },
      limits: { steps: 5, tokens_per_day: 1000, cost_per_day: 0.5 },
    });
    const config = await loadConfig(home.path);
    expect(config.channels.matrix).toMatchObject({
      ...{ e2ee: "on", streaming: "off", home_room: null, attachment_mib: 20 },
    });
    expect(config.limits).toMatchObject({ steps: 5, calls: 25, cost_per_day: 0.5 });
  });

  it("that is not there is said, with what to do", async () => {
    using home = temporaryHome();
    await expect(loadConfig(home.path)).rejects.toThrow(/^There is no config at .*; make one with: memtrix onboard$/);
  });

  it("that is no JSON is said with the place", async () => {
    expect(await refusal('{\n  "version": 1,\n  "main-agent": {,}\n}')).toContain("not JSON at line 3, column 18");
  });

  it.each([
    ["[]", "must hold one object"],
    [{}, "version must be 1."],
    [{ ...smallest, timezon: "UTC" }, "timezon is not a setting"],
    [{ ...smallest, "main-agent": { model: "small", nam: "Ada" } }, "main-agent.nam is not a setting"],
    [{ ...smallest, timezone: "Middle/Earth" }, "timezone must be a time zone's IANA name"],
    [{ ...smallest, timezone: "+01:00" }, "timezone must be a time zone's IANA name"],
    [{ ...smallest, limits: { steps: 1.5 } }, "limits.steps must be a whole number."],
    [{ ...smallest, limits: { steps: 0 } }, "limits.steps must be more than 0."],
    [{ ...smallest, "main-agent": {} }, "main-agent.model is missing; it must be a text in quotes."],
    [{ ...smallest, "main-agent": { model: "big" } }, 'main-agent.model is "big", which is not among models (small)'],
    [{ ...smallest, "main-agent": { model: "small", channel: "irc" } }, 'main-agent.channel is "irc"'],
    [{ ...smallest, "main-agent": { model: "small", provider: "away" } }, 'but its model "small" comes from "home"'],
    [{ ...smallest, models: { small: { provider: "away", model: "x" } } }, 'models.small.provider is "away"'],
    [{ ...smallest, channels: { cli: { type: "irc" } } }, 'channels.cli.type must be "matrix" or "cli".'],
    [
      { ...smallest, agents: { "../up": { name: "x", description: "x", model: "small" } } },
      'agents["../up"] is a name',
    ],
    [{ ...smallest, agents: { main: { name: "x", description: "x", model: "small" } } }, "agents.main is a name"],
    [{ ...smallest, "workspace-directory": "data/x" }, "workspace-directory must be a folder of its own"],
    [{ ...smallest, search: { searxng_url: "searxng:8080" } }, "search.searxng_url must be an address that begins"],
  ])("is refused: $1", async (config, words) => {
    expect(await refusal(config)).toContain(words);
  });

  it("tells all that is wrong at once, a line each, and no value", async () => {
    const message = await refusal({ ...smallest, search: { searxng_url: "sk-secret" }, models: {}, zones: 1 });
    expect(message).toMatch(/has 2 problems:\n {2}search.*\n {2}zones/);
    expect(message).not.toContain("sk-secret");
  });

  it("of a newer version is left as it is", async () => {
    using home = temporaryHome();
    const file = home.write("data/config.json", { version: 2, new: true });
    const before = readFileSync(file, "utf8");
    await expect(loadConfig(home.path)).rejects.toThrow(/of version 2, this program knows 1; it was left as it is/);
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  it("of an older version is brought up to date, and a copy of the old one stays", async () => {
    using home = temporaryHome();
    const { models, ...rest } = smallest;
    const old = { ...rest, version: 0, llms: models };
    const file = home.write("data/config.json", old);

    const config = await loadConfig(home.path, { 0: ({ llms, ...others }) => ({ ...others, models: llms }) });

    expect(config.models.small?.model).toBe("llama3");
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ version: 1, models });
    expect(JSON.parse(readFileSync(`${file}.before-v1`, "utf8"))).toEqual(old);
  });
});

describe("saving", () => {
  it("keeps placeholders, is for the owner alone, and leaves no other file", async () => {
    using home = temporaryHome();
    home.write("data/config.json", smallest);
    const config = await loadConfig(home.path);
    await saveConfig(home.path, { ...config, "main-agent": { ...config["main-agent"], verbose: true } });

    const file = join(home.path, "data/config.json");
    expect(readFileSync(file, "utf8")).toContain('"$KEY"');
    expect((await loadConfig(home.path))["main-agent"].verbose).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(home.path, "data"))).toEqual(["config.json"]);
  });

  it("refuses what could not be read again, and leaves the old one", async () => {
    using home = temporaryHome();
    const file = home.write("data/config.json", smallest);
    const config = await loadConfig(home.path);
    const before = readFileSync(file, "utf8");
    await expect(saveConfig(home.path, { ...config, models: {} })).rejects.toThrow(/main-agent.model is "small"/);
    expect(readFileSync(file, "utf8")).toBe(before);
  });
});
