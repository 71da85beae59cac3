import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Config } from "../src/config/config.ts";
import type { Secrets } from "../src/config/secrets.ts";
import { ConfigError } from "../src/errors.ts";
import { silent } from "../src/log.ts";
import { ModelError } from "../src/model-error.ts";
import { createModels } from "../src/models.ts";
import { defineProvider, type ModelInfo, type ModelParameters, type Provider } from "../src/provider.ts";
import { scriptedModel } from "./support/scripted-model.ts";

type Section = Config["models"][string];
const section = (changes: Partial<Section> = {}): Section => ({
  ...{ provider: "home", model: "qwen:4b", context_tokens: 16_384, parameters: {} },
  ...changes,
});
const secrets = {
  resolve: (value: unknown) => JSON.parse(JSON.stringify(value).replaceAll('"$KEY"', '"sk-resolved"')),
} as Secrets;

/** A provider that answers as told, and keeps what it was asked. */
function provider(describeModel: Provider["describeModel"] = async (id) => ({ id, contextTokens: 8_192 })) {
  const asked: { created: unknown[]; models: [string, ModelParameters | undefined][]; described: string[] } = {
    ...{ created: [], models: [], described: [] },
  };
  const module = defineProvider({
    name: "playing",
    description: "A provider of this test.",
    settings: z.object({ address: z.url("must be an address"), key: z.string().optional() }),
    create(settings) {
      asked.created.push(settings);
      return {
        notice: "Playing.",
        languageModel(id, parameters) {
          asked.models.push([id, parameters]);
          return scriptedModel("hello");
        },
        listModels: async () => [],
        async describeModel(id, parameters, signal): Promise<ModelInfo> {
          asked.described.push(id);
          return describeModel(id, parameters, signal);
        },
      };
    },
  });
  return { asked, module };
}

function modelsOf(
  { module }: ReturnType<typeof provider>,
  models: Record<string, Section> = { small: section() },
  home: Record<string, unknown> = { address: "http://here", key: "$KEY" },
) {
  const config = { models, providers: { home: { type: "playing", ...home } } } as Pick<Config, "models" | "providers">;
  return createModels(config, new Map([["playing", module]]), secrets, silent);
}
const patient = () => new AbortController().signal;

describe("the models of the config", () => {
  it("are listed by the owner's names", () => {
    expect(modelsOf(provider(), { small: section(), large: section({ model: "qwen:70b" }) }).list()).toEqual([
      { name: "small", description: "qwen:4b of home" },
      { name: "large", description: "qwen:70b of home" },
    ]);
  });

  it("open nothing before they are used, then each once, over one provider with its secrets", () => {
    const one = provider();
    const models = modelsOf(one, { small: section(), large: section({ model: "qwen:70b", think: false }) });
    expect(one.asked.created).toEqual([]);
    expect(models.use("small")).toBe(models.use("small"));
    models.use("large");
    expect(one.asked.created).toEqual([{ address: "http://here", key: "sk-resolved" }]);
    expect(one.asked.models).toEqual([
      ["qwen:4b", { think: undefined, contextTokens: 16_384 }],
      ["qwen:70b", { think: false, contextTokens: 16_384 }],
    ]);
  });

  it("carry their parameters and the provider's notice", () => {
    const parameters = { temperature: 0.2, top_p: 0.9, max_tokens: 500 };
    const model = modelsOf(provider(), { small: section({ parameters }) }).use("small");
    expect(model).toMatchObject({
      ...{ name: "small", notice: "Playing." },
      parameters: { temperature: 0.2, topP: 0.9, maxTokens: 500 },
    });
  });

  it.each([
    ["a model that is not there", () => modelsOf(provider()).use("large"), /no model named large .* \/model/],
    [
      "a type that is not there",
      () => modelsOf(provider(), undefined, { type: "gone" }).use("small"),
      /providers\.home\.type is "gone".* use one of playing\./,
    ],
    [
      "a section that is not there",
      () => modelsOf(provider(), { small: section({ provider: "away" }) }).use("small"),
      /providers\.away/,
    ],
    [
      "settings that do not fit",
      () => modelsOf(provider(), undefined, { address: "here" }).use("small"),
      /providers\.home\.address: must be an address\. Correct data\/config\.json/,
    ],
  ])("say what to do about %s", (_what, use, sentence) => {
    expect(use).toThrow(ConfigError);
    expect(use).toThrow(sentence);
  });
});

describe("the window of a model", () => {
  it.each([
    ["the model's own when that is the smaller", 8_192, 8_192],
    ["the config's when that is the smaller", 131_072, 16_384],
    ["the config's when the model does not say", undefined, 16_384],
  ])("is %s", async (_which, contextTokens, expected) => {
    const one = provider(async (id) => ({ id, contextTokens }));
    expect(await modelsOf(one).use("small").contextTokens(patient())).toBe(expected);
  });

  it("is asked for once", async () => {
    const one = provider();
    const model = modelsOf(one).use("small");
    await Promise.all([model.contextTokens(patient()), model.contextTokens(patient())]);
    await model.contextTokens(patient());
    expect(one.asked.described).toEqual(["qwen:4b"]);
  });

  it("is the config's while the server is away, and asked for again at the next message", async () => {
    let away = true;
    const one = provider(async (id) => {
      if (away) throw new ModelError("unreachable", "Nobody answers at http://here.");
      return { id, contextTokens: 4_096 };
    });
    const model = modelsOf(one).use("small");
    expect(await model.contextTokens(patient())).toBe(16_384);
    away = false;
    expect(await model.contextTokens(patient())).toBe(4_096);
  });

  it("is no question where the model is missing: that is told", async () => {
    const one = provider(async () => {
      throw new ModelError("missing-model", "There is no qwen:4b: ollama pull qwen:4b");
    });
    await expect(modelsOf(one).use("small").contextTokens(patient())).rejects.toThrow("ollama pull qwen:4b");
  });

  it("is not waited for by one who has stopped", async () => {
    const one = provider(
      (_id, _parameters, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason));
        }),
    );
    const controller = new AbortController();
    const window = modelsOf(one).use("small").contextTokens(controller.signal);
    controller.abort("stop");
    await expect(window).rejects.toBe("stop");
  });
});
