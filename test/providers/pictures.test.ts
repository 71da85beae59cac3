import type { ModelMessage } from "ai";
import { describe, expect, it } from "vitest";
import ollama from "../../providers/ollama.ts";
import openaiCompatible from "../../providers/openai-compatible.ts";
import openrouter from "../../providers/openrouter.ts";
import { toolResult } from "../../src/agent/messages.ts";
import { createPictures, hashOfBytes, withPicture } from "../../src/agent/pictures.ts";
import type { Provider } from "../../src/provider.ts";
import { createPageReader } from "../../src/reader/reader.ts";
import { askProvider, contextWith } from "../support/model-call.ts";
import { startOllamaServer } from "../support/ollama-server.ts";
import { startOpenaiServer } from "../support/openai-server.ts";
import { plainPicture } from "../support/picture.ts";

/** What a run sends that has looked at a picture: a question, the call, its result, and the picture after it. */
async function conversation(): Promise<ModelMessage[]> {
  const bytes = await plainPicture(8, 8).png().toBuffer();
  await using reader = createPageReader();
  const workspace = { readFile: async () => ({ bytes, origin: "owner" as const }) };
  const show = createPictures({ workspace, reader, sees: async () => true });
  const picture = { path: "cat.png", hash: hashOfBytes(bytes), tokens: 1 };
  const call = { type: "tool-call" as const, toolCallId: "1", toolName: "read_file", input: { path: "cat.png" } };
  return show([
    { role: "user", content: "what is on it?" },
    { role: "assistant", content: [call] },
    { role: "tool", content: [withPicture(toolResult("1", "read_file", "a picture", false), picture)] },
  ]);
}

const messagesIn = (body: unknown) => (body as { messages: unknown[] }).messages;

const image = { type: "image_url", image_url: { url: expect.stringMatching(/^data:image\/png;base64,iVBOR/) } };

describe("a picture on its way to the model", () => {
  it.each<[string, (url: string) => Provider]>([
    [
      "openai-compatible",
      (url) => openaiCompatible.create(openaiCompatible.settings.parse({ base_url: url }), contextWith()),
    ],
    [
      "openrouter",
      (url) => openrouter.create(openrouter.settings.parse({ base_url: url, api_key: "k" }), contextWith()),
    ],
  ])("is a part of a message over the wire of %s", async (_name, create) => {
    await using server = await startOpenaiServer({ turns: ["A cat."], models: [{ id: "m", object: "model" }] });
    await askProvider(create(`${server.url}/v1`), "m", {}, { messages: await conversation() });
    const messages = messagesIn(server.requests[0]?.body);
    expect(messages.at(-2)).toMatchObject({ role: "tool", content: "a picture" });
    expect(messages.at(-1)).toMatchObject({ role: "user", content: [image] });
  });

  it("is an image of a message over the wire of ollama", async () => {
    await using server = await startOllamaServer({ turns: ["A cat."], models: { m: { contextTokens: 8_192 } } });
    const provider = ollama.create(ollama.settings.parse({ base_url: server.url }), contextWith());
    await askProvider(provider, "m", {}, { messages: await conversation() });
    const messages = messagesIn(server.requests[0]?.body);
    expect(messages.at(-2)).toMatchObject({ role: "tool", content: "a picture" });
    expect(messages.at(-1)).toMatchObject({ role: "user", images: [expect.stringMatching(/^iVBOR/)] });
  });
});
