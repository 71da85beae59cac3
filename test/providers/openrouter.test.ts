import { afterEach, describe, expect, it } from "vitest";
import openrouter from "../../providers/openrouter.ts";
import { askProvider, contextWith } from "../support/model-call.ts";
import { type OpenaiServerOptions, startOpenaiServer } from "../support/openai-server.ts";

let close = async () => {};
afterEach(() => close());

const models = [
  {
    id: "maker/large",
    name: "Maker: Large",
    context_length: 200_000,
    architecture: { input_modalities: ["text", "image"], output_modalities: ["text"] },
    supported_parameters: ["tools", "tool_choice", "reasoning", "max_tokens"],
    pricing: { prompt: "0.000003", completion: "0.000015", request: "0" },
  },
  {
    id: "maker/tiny",
    context_length: 8192,
    architecture: { input_modalities: ["text"] },
    supported_parameters: ["max_tokens"],
    pricing: { prompt: "0", completion: "0" },
  },
  { id: "openrouter/auto", context_length: 2_000_000, pricing: { prompt: "-1", completion: "-1" } },
];

async function start(options: OpenaiServerOptions = {}) {
  const server = await startOpenaiServer({ models, openrouter: true, ...options });
  close = server.close;
  const settings = openrouter.settings.parse({
    api_key: "sk-or-v1-secret0123456789",
    base_url: `${server.url}/api/v1/`,
  });
  return { server, provider: openrouter.create(settings, contextWith()) };
}

describe("models at OpenRouter", () => {
  it("lists them with window, abilities and the price of a million tokens", async () => {
    const { provider } = await start();
    expect(await provider.listModels()).toEqual([
      {
        id: "maker/large",
        contextTokens: 200_000,
        tools: true,
        vision: true,
        thinking: true,
        price: { input: 3, output: 15 },
      },
      {
        id: "maker/tiny",
        contextTokens: 8192,
        tools: false,
        vision: false,
        thinking: false,
        price: { input: 0, output: 0 },
      },
      { id: "openrouter/auto", contextTokens: 2_000_000 },
    ]);
  });

  it("finds out that a key is wrong, though the list is open to all", async () => {
    const { provider } = await start({
      key: { status: 401, body: { error: { message: "No auth credentials found", code: 401 } } },
    });
    await expect(provider.listModels()).rejects.toMatchObject({
      kind: "unauthorized",
      message: expect.stringContaining("API key"),
    });
  });

  it("goes on where an address knows no keys", async () => {
    const { provider } = await start({ key: { status: 404, body: { error: { message: "no such page" } } } });
    expect(await provider.listModels()).toHaveLength(3);
  });

  it("describes one model, by the window that requests will use", async () => {
    const { provider } = await start();
    expect(await provider.describeModel("maker/large", { contextTokens: 16_384 })).toMatchObject({
      contextTokens: 16_384,
    });
    expect(await provider.describeModel("maker/large:nitro")).toMatchObject({
      id: "maker/large:nitro",
      contextTokens: 200_000,
    });
    await expect(provider.describeModel("maker/none")).rejects.toMatchObject({ kind: "missing-model" });
  });

  it("says so when the answer is none of OpenRouter's", async () => {
    const { provider } = await start({ models: [{ name: "no id" }] });
    await expect(provider.listModels()).rejects.toMatchObject({
      kind: "malformed",
      message: expect.stringContaining("data.0.id"),
    });
  });
});

describe("a request to OpenRouter", () => {
  it("carries the key as a header only, and asks for what the answer costs", async () => {
    const { server, provider } = await start({ turns: ["Hello."] });
    await askProvider(provider, "maker/large");
    const request = server.requests[0];
    expect(request?.headers.authorization).toBe("Bearer sk-or-v1-secret0123456789");
    expect(request?.bytes.toString()).not.toContain("secret");
    expect(request?.body).toMatchObject({ model: "maker/large", usage: { include: true }, stream: true });
  });

  it("asks for thinking or for none, or leaves it to the model", async () => {
    const { server, provider } = await start({ turns: ["a", "b", "c"] });
    for (const think of [true, false, undefined]) await askProvider(provider, "maker/large", { think });
    expect(server.requests.map(({ body }) => body.reasoning)).toMatchObject([
      { enabled: true },
      { enabled: false },
      undefined,
    ]);
  });

  it("forbids calls when the model must conclude", async () => {
    const { server, provider } = await start({ turns: ["Done."] });
    await askProvider(provider, "maker/large", {}, { conclude: true });
    expect(server.requests[0]?.body).toMatchObject({ tool_choice: "none" });
  });
});

it("asks for its key in secret", () => {
  expect(openrouter.settings.safeParse({}).success).toBe(false);
  expect(openrouter.settings.shape.api_key.meta()).toMatchObject({ secret: true });
});
