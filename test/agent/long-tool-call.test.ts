import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { ask, lookTool, ollamaWire } from "../support/model-call.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** An Ollama that says a word, is silent while it writes a tool call, and hands that over in one piece. */
async function startWritingOllama({ silentMs, running }: { silentMs: number; running: string[] }): Promise<string> {
  const line = (part: object) =>
    `${JSON.stringify({ model: "llama3", created_at: "2026-11-20T14:05:00Z", ...part })}\n`;
  const server = createServer((request, response) => {
    if (request.url === "/api/show") return response.end(JSON.stringify({ capabilities: ["tools"], model_info: {} }));
    if (request.url === "/api/ps") return response.end(JSON.stringify({ models: running.map((name) => ({ name })) }));
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    response.write(line({ message: { role: "assistant", content: "Writing it. " }, done: false }));
    const call = { function: { name: "look", arguments: { place: "here" } } };
    setTimeout(() => {
      response.write(line({ message: { role: "assistant", content: "", tool_calls: [call] }, done: false }));
      response.end(line({ message: { role: "assistant", content: "" }, done: true, done_reason: "stop" }));
    }, silentMs);
    return undefined;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const timing = { silenceMs: 60, loadMs: 5_000 };

it("a long tool call, which Ollama hands over only when it is whole, is waited for while the model is at work", async () => {
  const url = await startWritingOllama({ silentMs: 300, running: ["llama3"] });
  const { reply, waits } = await ask(ollamaWire, url, { timing, tools: new Map([[lookTool.name, lookTool]]) });
  expect(reply?.calls).toMatchObject([{ name: "look", input: { place: "here" } }]);
  expect(waits).toContain("my-model is still writing …");
});

it("where no model is at work any more, silence ends the try", async () => {
  const url = await startWritingOllama({ silentMs: 60_000, running: [] });
  const { error } = await ask(ollamaWire, url, { timing });
  expect(error?.kind).toBe("hung");
});
