import { wrapLanguageModel } from "ai";
import { createOllama } from "ai-sdk-ollama";
import { Ollama } from "ollama";
import { z } from "zod";
import { defineProvider, ModelError, type ModelInfo } from "../src/provider.ts";
import { answerAs } from "./_answer.ts";
import { createOllamaClient } from "./_ollama-client.ts";

const settings = z.object({
  base_url: z.url().default("http://127.0.0.1:11434").describe("Where does Ollama listen?"),
  headers_timeout: z
    .number()
    .positive()
    .default(600)
    .describe("How many seconds may a model take to load before it speaks?"),
});

/** A model's whole window would fill the memory of a home machine. */
const defaultContextTokens = 16_384;

export default defineProvider({
  name: "ollama",
  description: "Ollama: models on your own machine",
  settings,

  create({ base_url, headers_timeout }, context) {
    const headersMs = headers_timeout * 1000;
    // A tool call comes in one piece when it is written whole, and what was pulled is checked, without a word for minutes.
    const fetch = withAdvice(context.fetch({ headersMs, idleMs: headersMs }), base_url);
    const quickFetch = context.fetch({ headersMs: 5_000 });
    const clientFor = (signal?: AbortSignal) => new Ollama({ host: base_url, fetch: tiedTo(signal, fetch) });

    async function show(id: string, signal?: AbortSignal): Promise<ModelInfo> {
      const answer = answerAs(showAnswer, await clientFor(signal).show({ model: id }));
      const window = Object.entries(answer.model_info ?? {}).find(([key]) => key.endsWith(".context_length"))?.[1];
      const can = (what: string) => answer.capabilities?.includes(what);
      return {
        id,
        contextTokens: typeof window === "number" ? window : undefined,
        tools: can("tools"),
        vision: can("vision"),
        thinking: can("thinking"),
      };
    }

    return {
      loadsModels: true,
      pullCommand: (id) => `ollama pull ${id}`,

      async isWorking(signal) {
        const client = new Ollama({ host: base_url, fetch: tiedTo(signal, quickFetch) });
        return client.ps().then(
          ({ models }) => models?.length > 0,
          () => false,
        );
      },

      languageModel(id, { think, contextTokens } = {}) {
        const describe = (signal?: AbortSignal) => this.describeModel(id, { contextTokens }, signal);
        const client = createOllamaClient({ clientFor, describe });
        const model = createOllama({ client }).languageModel(id, think === undefined ? {} : { think });
        return wrapLanguageModel({
          model,
          middleware: { specificationVersion: "v4", transformParams: withoutBarredTools },
        });
      },

      async listModels(signal) {
        const { models } = answerAs(listAnswer, await clientFor(signal).list());
        // A model whose details cannot be had is still on offer.
        const described = await Promise.all(models.map(({ name }) => show(name, signal).catch(() => ({ id: name }))));
        signal?.throwIfAborted();
        return described;
      },

      async describeModel(id, { contextTokens = defaultContextTokens } = {}, signal) {
        const model = await show(id, signal).catch((error) => {
          throw missing(error, id);
        });
        return { ...model, contextTokens: Math.min(contextTokens, model.contextTokens ?? contextTokens) };
      },

      async pullModel(id, onProgress, signal) {
        const client = new Ollama({ host: base_url, fetch: tiedTo(signal, fetch) });
        const layers = new Map<string, { total: number; completed: number }>();
        let done = 0;
        for await (const { status, digest, total, completed } of await client.pull({ model: id, stream: true })) {
          if (digest && total) layers.set(digest, { total, completed: completed ?? 0 });
          // Layers are announced one after another: the share may not fall when a new one comes.
          done = status === "success" ? 1 : Math.max(done, shareOf([...layers.values()]));
          onProgress(done, status);
        }
      },
    };
  },
});

const listAnswer = z.object({
  models: z
    .array(z.object({ name: z.string() }))
    .nullish()
    .transform((models) => models ?? []),
});

const showAnswer = z.object({
  model_info: z.record(z.string(), z.unknown()).nullish(),
  capabilities: z.array(z.string()).nullish(),
});

type Fetch = typeof globalThis.fetch;

/** The official client has no way to hand a signal on. */
function tiedTo(signal: AbortSignal | undefined, fetch: Fetch): Fetch {
  if (!signal) return fetch;
  return (input, init) =>
    fetch(input, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, signal]) : signal });
}

function withAdvice(fetch: Fetch, baseUrl: string): Fetch {
  return (input, init) =>
    fetch(input, init).catch((error) => {
      if (!(error instanceof ModelError) || error.kind !== "unreachable") throw error;
      throw new ModelError("unreachable", unreachable(new URL(baseUrl)), { cause: error });
    });
}

function unreachable({ origin, hostname }: URL): string {
  const isHere = ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
  const begin = `Nothing answers at ${origin}. Is Ollama running there?`;
  if (isHere) return `${begin} Start it with \`ollama serve\`, or put its address right.`;
  return `${begin} On Linux it listens on 127.0.0.1 only, which other machines and containers do not reach: type \`sudo systemctl edit ollama\`, write the lines [Service] and Environment="OLLAMA_HOST=0.0.0.0", then \`sudo systemctl restart ollama\`; let a firewall keep others from its port.`;
}

function missing(error: unknown, id: string): unknown {
  if (!(error instanceof ModelError) || error.kind !== "missing-model") return error;
  return new ModelError("missing-model", `Ollama does not have the model ${id}. Fetch it with \`ollama pull ${id}\`.`, {
    cause: error,
  });
}

/** Ollama knows no `tool_choice`: tools that must not be called are not sent. */
async function withoutBarredTools<Params extends { toolChoice?: { type: string }; tools?: unknown }>({
  params,
}: {
  params: Params;
}): Promise<Params> {
  return params.toolChoice?.type === "none" ? { ...params, tools: undefined } : params;
}

function shareOf(layers: { total: number; completed: number }[]): number {
  const sum = (key: "total" | "completed") => layers.reduce((sum, layer) => sum + layer[key], 0);
  return layers.length > 0 ? sum("completed") / sum("total") : 0;
}
