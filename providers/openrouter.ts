import { createOpenRouter } from "@openrouter/ai-sdk-provider";
import { z } from "zod";
import { defineProvider, ModelError, type ModelInfo } from "../src/provider.ts";
import { answerAs } from "./_answer.ts";

const settings = z.object({
  api_key: z.string().min(1).describe("Your OpenRouter API key (openrouter.ai/keys)").meta({ secret: true }),
  base_url: z.url().default("https://openrouter.ai/api/v1").describe("Its address"),
});

export default defineProvider({
  name: "openrouter",
  description: "OpenRouter: models of all makers under one key",
  settings,

  create({ api_key, base_url }, context) {
    const baseUrl = base_url.replace(/\/+$/, "");
    const fetch = context.fetch();
    const openrouter = createOpenRouter({
      apiKey: api_key,
      baseURL: baseUrl,
      fetch,
      compatibility: "strict",
      appName: "Memtrix",
    });
    const get = async (path: string, signal?: AbortSignal): Promise<unknown> => {
      const response = await fetch(`${baseUrl}${path}`, {
        headers: { authorization: `Bearer ${api_key}` },
        ...(signal ? { signal } : {}),
      });
      return response.json();
    };

    return {
      languageModel(id, { think } = {}) {
        return openrouter.chat(id, {
          usage: { include: true },
          ...(think === undefined ? {} : { reasoning: { enabled: think, effort: think ? "medium" : "none" } }),
        });
      },

      async listModels(signal) {
        // The list is open to all, so it does not tell whether the key is right.
        const [list] = await Promise.all([get("/models", signal), get("/key", signal).catch(unlessRefused)]);
        return answerAs(listAnswer, list).data.map(describe);
      },

      async describeModel(id, { contextTokens } = {}, signal) {
        const models = answerAs(listAnswer, await get("/models", signal)).data.map(describe);
        const model = models.find((candidate) => candidate.id === id) ?? models.find(sameBut(id));
        if (!model) {
          throw new ModelError(
            "missing-model",
            `OpenRouter has no model ${id}. Its models are on openrouter.ai/models.`,
          );
        }
        const windows = [model.contextTokens, contextTokens].filter((tokens) => tokens !== undefined);
        return { ...model, id, contextTokens: windows.length > 0 ? Math.min(...windows) : undefined };
      },
    };
  },
});

const price = z.coerce.number().nonnegative().catch(Number.NaN);

const listAnswer = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      context_length: z.number().positive().nullish(),
      architecture: z.object({ input_modalities: z.array(z.string()).nullish() }).nullish(),
      supported_parameters: z.array(z.string()).nullish(),
      pricing: z.object({ prompt: price, completion: price }).nullish(),
    }),
  ),
});

type Listed = z.infer<typeof listAnswer>["data"][number];

function describe({ id, context_length, architecture, supported_parameters, pricing }: Listed): ModelInfo {
  const takes = (parameter: string) => supported_parameters?.includes(parameter);
  return {
    id,
    contextTokens: context_length ?? undefined,
    tools: takes("tools"),
    vision: architecture?.input_modalities?.includes("image"),
    thinking: takes("reasoning"),
    price: priceOf(pricing),
  };
}

/** Per million tokens; the list has it for one. Auto-routed models have no price of their own. */
function priceOf(pricing: Listed["pricing"]): ModelInfo["price"] {
  if (!pricing || Number.isNaN(pricing.prompt) || Number.isNaN(pricing.completion)) return undefined;
  const perMillion = (dollars: number) => Number((dollars * 1_000_000).toPrecision(6));
  return { input: perMillion(pricing.prompt), output: perMillion(pricing.completion) };
}

/** A name may carry a wish after a colon (`:nitro`, `:online`) that the list does not hold. */
function sameBut(id: string): (model: ModelInfo) => boolean {
  return (model) => model.id === id.replace(/:[a-z]+$/, "");
}

/** An address that has no such page leaves the question open. */
function unlessRefused(error: unknown): void {
  if (!(error instanceof ModelError) || error.kind !== "missing-model") throw error;
}
