import { z } from "zod";
import ollama from "../../providers/ollama.ts";
import openaiCompatible from "../../providers/openai-compatible.ts";
import openrouter from "../../providers/openrouter.ts";
import {
  askModel,
  type ModelEvent,
  type ModelReply,
  type ModelRequest,
  type ModelTiming,
} from "../../src/agent/ask-model.ts";
import { ModelError } from "../../src/model-error.ts";
import { createModelFetch, type ModelDeadlines } from "../../src/model-fetch.ts";
import type { ModelParameters, Provider, ProviderContext } from "../../src/provider.ts";
import type { Tool } from "../../src/tool.ts";
import type { ModelServer, ReceivedRequest, Turn } from "./model-server.ts";
import { startOllamaServer } from "./ollama-server.ts";
import { startOpenaiServer } from "./openai-server.ts";

/** A server of whatever wire. */
interface AnyModelServer
  extends Pick<ModelServer<never>, "url" | "turns" | "asked" | "close" | typeof Symbol.asyncDispose> {
  requests: readonly Received[];
  request(index: number): Promise<Received>;
}

type Received = Omit<ReceivedRequest<never>, "body"> & { body: object };

/** A provider and the server that speaks its wire format. */
export interface WireUnderTest {
  name: string;
  hosted: boolean;
  start(turns: (string | Turn)[], port?: number): Promise<AnyModelServer>;
  provider(url: string, context: ProviderContext): Provider;
}

export const ollamaWire: WireUnderTest = {
  name: "ollama",
  hosted: false,
  start: (turns, port) => startOllamaServer({ turns, ...(port ? { port } : {}) }),
  provider: (url, context) => ollama.create(ollama.settings.parse({ base_url: url }), context),
};

export const openrouterWire: WireUnderTest = {
  name: "openrouter",
  hosted: true,
  start: (turns, port) => startOpenaiServer({ turns, openrouter: true, ...(port ? { port } : {}) }),
  provider: (url, context) =>
    openrouter.create(
      openrouter.settings.parse({ base_url: `${url}/api/v1`, api_key: "sk-or-v1-secret0123456789" }),
      context,
    ),
};

export const openaiWire: WireUnderTest = {
  name: "openai-compatible",
  hosted: false,
  start: (turns, port) => startOpenaiServer({ turns, ...(port ? { port } : {}) }),
  provider: (url, context) =>
    openaiCompatible.create(
      openaiCompatible.settings.parse({ base_url: `${url}/v1`, api_key: "sk-secret0123456789" }),
      context,
    ),
};

export const wires = [ollamaWire, openrouterWire, openaiWire];

/** A context whose deadlines are those of the test. */
export function contextWith(deadlines: ModelDeadlines = {}): ProviderContext {
  return { fetch: (options) => createModelFetch({ ...options, ...deadlines }) };
}

export const lookTool: Tool = {
  name: "look",
  description: "Looks at a place.",
  input: z.object({ place: z.string() }),
  effects: ["reads-private"],
  run: async () => "",
};

export interface AskOptions extends Partial<Omit<ModelRequest, "provider" | "model" | "onEvent">> {
  timing?: Partial<ModelTiming>;
  deadlines?: ModelDeadlines;
  onEvent?(event: ModelEvent): void;
}

export interface Asked {
  reply: ModelReply | undefined;
  /** Set when the model could not be had. Anything else that is thrown fails the test. */
  error: ModelError | undefined;
  events: ModelEvent[];
  /** What a person has before them at the end: all text after the last reset. */
  shown: string;
  waits: string[];
}

/** Asks once, with waits that a test can sit through. */
export async function ask(wire: WireUnderTest, url: string, options: AskOptions = {}): Promise<Asked> {
  const { timing, deadlines, onEvent, ...request } = options;
  const provider = wire.provider(url, contextWith(deadlines));
  const events: ModelEvent[] = [];
  const asked = askModel(
    {
      provider,
      model: provider.languageModel("llama3"),
      modelName: "my-model",
      instructions: "Be brief.",
      messages: [{ role: "user", content: "Hello?" }],
      tools: new Map([[lookTool.name, lookTool]]),
      conclude: false,
      signal: new AbortController().signal,
      ...request,
      onEvent(event) {
        events.push(event);
        onEvent?.(event);
      },
    },
    { backOffMs: 1, maxWaitMs: 5, ...timing },
  );
  const outcome = await asked.then(
    (reply) => ({ reply, error: undefined }),
    (error: unknown) => {
      if (error instanceof ModelError) return { reply: undefined, error };
      throw error;
    },
  );
  const lastReset = events.findLastIndex(({ type }) => type === "text-reset");
  return {
    ...outcome,
    events,
    shown: events
      .slice(lastReset + 1)
      .map((event) => (event.type === "text-delta" ? event.text : ""))
      .join(""),
    waits: events.flatMap((event) => (event.type === "model-wait" ? [event.text] : [])),
  };
}

/** Asks one model of a provider, and throws what goes wrong. */
export async function askProvider(
  provider: Provider,
  id: string,
  parameters: ModelParameters = {},
  request: Partial<ModelRequest> = {},
): Promise<ModelReply & { thinking: string }> {
  let thinking = "";
  const reply = await askModel({
    provider,
    model: provider.languageModel(id, parameters),
    modelName: "my-model",
    instructions: "Be brief.",
    messages: [{ role: "user", content: "Hello?" }],
    tools: new Map([[lookTool.name, lookTool]]),
    conclude: false,
    signal: new AbortController().signal,
    onEvent(event) {
      if (event.type === "thinking-delta") thinking += event.text;
    },
    ...request,
  });
  return { ...reply, thinking };
}
