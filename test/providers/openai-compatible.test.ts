import { afterEach, describe, expect, it } from "vitest";
import openaiCompatible from "../../providers/openai-compatible.ts";
import { askProvider, contextWith } from "../support/model-call.ts";
import { type OpenaiServerOptions, startOpenaiServer } from "../support/openai-server.ts";

let close = async () => {};
afterEach(() => close());

async function start(options: OpenaiServerOptions = {}, apiKey?: string) {
  const server = await startOpenaiServer(options);
  close = server.close;
  const settings = openaiCompatible.settings.parse({
    base_url: `${server.url}/v1`,
    ...(apiKey ? { api_key: apiKey } : {}),
  });
  return { server, provider: openaiCompatible.create(settings, contextWith()) };
}

describe("models behind an OpenAI-compatible address", () => {
  it("finds the window wherever a server tells it", async () => {
    const { provider } = await start({
      models: [
        { id: "vllm", object: "model", max_model_len: 32_768 },
        { id: "llama.cpp", object: "model", meta: { n_ctx_train: 131_072, n_params: 8_030_261_312 } },
        { id: "llama.cpp-set", object: "model", meta: { n_ctx: 8192, n_ctx_train: 131_072 } },
        { id: "another", context_length: 4096 },
        { id: "silent", object: "model", meta: null },
      ],
    });
    const windows = (await provider.listModels()).map(({ id, contextTokens }) => [id, contextTokens]);
    expect(windows).toEqual([
      ["vllm", 32_768],
      ["llama.cpp", 131_072],
      ["llama.cpp-set", 8192],
      ["another", 4096],
      ["silent", undefined],
    ]);
  });

  it("describes a model by the window that requests may use", async () => {
    const { provider } = await start({ models: [{ id: "a", max_model_len: 32_768 }, { id: "b" }] });
    expect(await provider.describeModel("a", { contextTokens: 16_384 })).toEqual({ id: "a", contextTokens: 16_384 });
    expect(await provider.describeModel("b", { contextTokens: 16_384 })).toEqual({ id: "b", contextTokens: 16_384 });
    await expect(provider.describeModel("c")).rejects.toMatchObject({
      kind: "missing-model",
      message: "The server has no model c. It offers: a, b.",
    });
  });

  it("points at the address when nothing is there", async () => {
    const { server } = await start();
    const provider = openaiCompatible.create(openaiCompatible.settings.parse({ base_url: server.url }), contextWith());
    await expect(provider.listModels()).rejects.toMatchObject({
      kind: "missing-model",
      message: expect.stringContaining("provider's address"),
    });
  });
});

describe("a request to an OpenAI-compatible address", () => {
  it("needs no key, and sends one that is set", async () => {
    const open = await start({ turns: ["Hello."] });
    expect((await askProvider(open.provider, "small-model")).text).toBe("Hello.");
    expect(open.server.requests[0]?.headers.authorization).toBeUndefined();
    await close();

    const closed = await start({ turns: ["Hello."] }, "sk-secret0123456789");
    await askProvider(closed.provider, "small-model");
    expect(closed.server.requests[0]?.headers.authorization).toBe("Bearer sk-secret0123456789");
  });

  it("counts the tokens", async () => {
    const { server, provider } = await start({
      turns: [{ text: "Hello.", usage: { input: 90, output: 2, cached: 64 } }],
    });
    const { usage } = await askProvider(provider, "small-model");
    expect(usage).toEqual({ inputTokens: 90, outputTokens: 2, cachedTokens: 64 });
    expect(server.requests[0]?.body).toMatchObject({ stream_options: { include_usage: true } });
  });

  it("switches thinking through the model's template, and only when told to", async () => {
    const { server, provider } = await start({ turns: ["a", "b", "c"] });
    for (const think of [true, false, undefined]) await askProvider(provider, "small-model", { think });
    expect(server.requests.map(({ body }) => body.chat_template_kwargs)).toEqual([
      { enable_thinking: true },
      { enable_thinking: false },
      undefined,
    ]);
  });

  it("forbids calls when the model must conclude", async () => {
    const { server, provider } = await start({ turns: ["Done."] });
    await askProvider(provider, "small-model", {}, { conclude: true });
    expect(server.requests[0]?.body).toMatchObject({ tool_choice: "none" });
  });

  it("takes `reasoning` for thinking as well as `reasoning_content`", async () => {
    const event = (delta: object, finish_reason: string | null = null) =>
      `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
    const { provider } = await start({
      turns: [
        { frames: [event({ reasoning: "Hm." }), event({ content: "Hello." }), event({}, "stop"), "data: [DONE]\n\n"] },
      ],
    });
    expect(await askProvider(provider, "small-model")).toMatchObject({ text: "Hello.", thinking: "Hm." });
  });
});
