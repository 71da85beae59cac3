import type { Turn } from "./model-server.ts";
import { type OllamaChat, startOllamaServer } from "./ollama-server.ts";
import { type OpenaiChat, startOpenaiServer } from "./openai-server.ts";

export type WireName = "ollama" | "openai-compatible";
export const wireNames: readonly WireName[] = ["ollama", "openai-compatible"];

/** A request in one form for all wires. */
export interface Heard {
  /** The system prompt. */
  instructions: string;
  /** The person's newest message, as the model gets it. */
  newest: string;
  /** What was called since then, with what came of it. */
  calls: { name: string; input: Record<string, unknown>; output: string }[];
}

/** A model behind a real wire, which answers each request from what is in it. */
export interface WireModel extends AsyncDisposable {
  url: string;
  heard: Heard[];
  /** The bodies of the requests, to the byte. */
  bodies: Buffer[];
  /** Resolves as soon as the request of this number has come. */
  asked(index: number): Promise<unknown>;
  /** A config.json whose main agent uses this model. */
  config: object;
}

/** `answer` gets each request and its number, from 0. */
export async function startWireModel(
  wire: WireName,
  answer: (heard: Heard, index: number) => string | Turn,
  port?: number,
): Promise<WireModel> {
  const heard: Heard[] = [];
  const turn = (body: { messages: readonly WireMessage[] }): string | Turn => {
    const one = hear(body.messages);
    return answer(one, heard.push(one) - 1);
  };
  const endless = Array.from({ length: 10_000 }, () => turn);
  const given = port === undefined ? {} : { port };
  const server =
    wire === "ollama"
      ? await startOllamaServer({ turns: endless, models: { small: { contextTokens: 131_072 } }, ...given })
      : await startOpenaiServer({ turns: endless, models: [{ id: "small", object: "model" }], ...given });

  const baseUrl = wire === "ollama" ? server.url : `${server.url}/v1`;
  return {
    url: server.url,
    heard,
    get bodies() {
      return server.requests.map(({ bytes }) => bytes);
    },
    asked: server.request,
    config: {
      version: 1,
      "main-agent": { name: "Memtrix", model: "small" },
      timezone: "UTC",
      providers: { server: { type: wire, base_url: baseUrl } },
      models: { small: { provider: "server", model: "small" } },
    },
    [Symbol.asyncDispose]: server.close,
  };
}

type WireMessage = OllamaChat["messages"][number] | OpenaiChat["messages"][number];

function hear(messages: readonly WireMessage[]): Heard {
  const last = messages.findLastIndex(({ role }) => role === "user");
  const since = messages.slice(last + 1);
  const outputs = since.filter(({ role }) => role === "tool").map(({ content }) => String(content));
  const calls = since
    .flatMap(({ tool_calls = [] }) => tool_calls as { function: { name: string; arguments: string | object } }[])
    .map(({ function: { name, arguments: given } }, index) => ({
      name,
      input: typeof given === "string" ? JSON.parse(given) : given,
      // Results stand in the order of their calls, on both wires.
      output: outputs[index] ?? "",
    }));
  const text = (role: string, index: number) =>
    messages[index]?.role === role ? String(messages[index]?.content) : "";
  return { instructions: text("system", 0), newest: text("user", last), calls };
}
