import { afterEach, describe, expect, it } from "vitest";
import ollama from "../../providers/ollama.ts";
import type { ModelParameters, Provider } from "../../src/provider.ts";
import { askProvider, contextWith } from "../support/model-call.ts";
import { type OllamaServerOptions, startOllamaServer } from "../support/ollama-server.ts";

let close = async () => {};
afterEach(() => close());

async function start(options: OllamaServerOptions = {}) {
  const server = await startOllamaServer(options);
  close = server.close;
  const provider = ollama.create(ollama.settings.parse({ base_url: server.url }), contextWith());
  return { server, provider };
}

const ask = (provider: Provider, parameters?: ModelParameters) => askProvider(provider, "llama3", parameters);

describe("models in Ollama", () => {
  it("lists what is installed, with its window and what it can do", async () => {
    const { provider } = await start({
      models: {
        "llama3:8b": { contextTokens: 8192, capabilities: ["completion", "tools"] },
        "qwen3-vl:4b": { contextTokens: 262_144, capabilities: ["completion", "vision", "tools", "thinking"] },
      },
    });
    expect(await provider.listModels()).toEqual([
      { id: "llama3:8b", contextTokens: 8192, tools: true, vision: false, thinking: false },
      { id: "qwen3-vl:4b", contextTokens: 262_144, tools: true, vision: true, thinking: true },
    ]);
  });

  it("lists nothing where nothing is installed", async () => {
    const { provider } = await start({ models: {} });
    expect(await provider.listModels()).toEqual([]);
  });

  it("describes a model by the window that requests will use", async () => {
    const { provider } = await start({ models: { small: { contextTokens: 4096 }, large: { contextTokens: 131_072 } } });
    expect(await provider.describeModel("small", { contextTokens: 16_384 })).toMatchObject({ contextTokens: 4096 });
    expect(await provider.describeModel("large", { contextTokens: 32_768 })).toMatchObject({ contextTokens: 32_768 });
    expect(await provider.describeModel("large")).toMatchObject({ contextTokens: 16_384 });
  });

  it("says how to get a model that is missing", async () => {
    const { provider } = await start({ turns: ["Hello."], models: {} });
    await expect(provider.describeModel("mistral")).rejects.toMatchObject({
      kind: "missing-model",
      message: "Ollama does not have the model mistral. Fetch it with `ollama pull mistral`.",
    });
    await expect(ask(provider)).rejects.toMatchObject({ message: expect.stringContaining("`ollama pull llama3`") });
    expect(provider.pullCommand?.("mistral")).toBe("ollama pull mistral");
  });

  it("says what to do when Ollama is not running", async () => {
    const { server, provider } = await start();
    await server.close();
    await expect(provider.listModels()).rejects.toMatchObject({
      kind: "unreachable",
      message: `Nothing answers at ${server.url}. Is Ollama running there? Start it with \`ollama serve\`, or put its address right.`,
    });
  });

  it("stops listing when told to", async () => {
    const { provider } = await start();
    await expect(provider.listModels(AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
  });

  it("pulls a model, and its progress never goes back", async () => {
    const layer = (digest: string, total: number, completed?: number) => ({
      status: `pulling ${digest}`,
      digest,
      total,
      completed,
    });
    const { provider } = await start({
      pull: [
        { status: "pulling manifest" },
        layer("a", 100),
        layer("a", 100, 90),
        layer("b", 300, 10),
        layer("b", 300, 300),
        { status: "verifying sha256 digest" },
        { status: "success" },
      ],
    });
    const shares: number[] = [];
    await provider.pullModel?.("llama3", (done) => shares.push(done));
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(0)).toBe(0);
    expect(shares.at(-1)).toBe(1);
  });

  it("tells why a pull failed", async () => {
    const { provider } = await start({
      pull: [{ status: "pulling manifest" }, { error: "pull model manifest: file does not exist" }],
    });
    await expect(provider.pullModel?.("lama3", () => {})).rejects.toMatchObject({
      kind: "missing-model",
      message: expect.stringContaining("file does not exist"),
    });
  });
});

describe("a request to Ollama", () => {
  it("asks for the same window every time: another one would load the model anew", async () => {
    const { server, provider } = await start({
      turns: ["a", "b", "c"],
      models: { llama3: { contextTokens: 131_072 } },
    });
    const parameters = { contextTokens: 20_000 };
    for (let asked = 0; asked < 3; asked++) await ask(provider, parameters);
    expect(server.requests.map(({ body }) => body.options?.num_ctx)).toEqual([20_000, 20_000, 20_000]);
  });

  it("asks for thinking only where it is wished, and the model can", async () => {
    const thinking = { llama3: { capabilities: ["completion", "tools", "thinking"] } };
    const { server, provider } = await start({ turns: ["a", "b", "c"], models: thinking });
    for (const think of [true, false, undefined]) await ask(provider, { think });
    expect(server.requests.map(({ body }) => body.think)).toEqual([true, false, undefined]);
    await close();

    const plain = await start({ turns: ["a"] });
    await ask(plain.provider, { think: true });
    expect(plain.server.requests[0]?.body).not.toHaveProperty("think");
  });

  it("sends no tools to a model that cannot call them: Ollama would refuse the request", async () => {
    const { server, provider } = await start({ turns: ["a"], models: { llama3: { capabilities: ["completion"] } } });
    await ask(provider);
    expect(server.requests[0]?.body).not.toHaveProperty("tools");
  });

  it("sends no tools when the model must conclude, and arguments of earlier calls as objects", async () => {
    const { server, provider } = await start({ turns: ["It rains."] });
    await askProvider(
      provider,
      "llama3",
      {},
      {
        conclude: true,
        messages: [
          { role: "user", content: "Look." },
          {
            role: "assistant",
            content: [{ type: "tool-call", toolCallId: "c1", toolName: "look", input: { place: "Porto" } }],
          },
          {
            role: "tool",
            content: [
              {
                type: "tool-result",
                toolCallId: "c1",
                toolName: "look",
                output: { type: "error-text", value: "Fog." },
              },
            ],
          },
        ],
      },
    );
    const { body } = server.requests[0] ?? {};
    expect(body).not.toHaveProperty("tools");
    expect(body?.messages[2]).toMatchObject({
      tool_calls: [{ function: { name: "look", arguments: { place: "Porto" } } }],
    });
    expect(body?.messages[3]).toMatchObject({ role: "tool", tool_name: "look", content: "Fog." });
  });
});

it("is described for the wizard, and needs no setting", () => {
  expect(ollama.settings.parse({})).toEqual({ base_url: "http://127.0.0.1:11434", headers_timeout: 600 });
});
