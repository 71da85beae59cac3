import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { z } from "zod";
import { defineProvider, ModelError, type ModelInfo } from "../src/provider.ts";
import { answerAs } from "./_answer.ts";

const settings = z.object({
  base_url: z.url().describe("The server's address, with its /v1"),
  api_key: z.string().optional().describe("Its API key, if it wants one").meta({ secret: true }),
  headers_timeout: z
    .number()
    .positive()
    .default(600)
    .describe("How many seconds may a model take to load before it speaks?"),
});

export default defineProvider({
  name: "openai-compatible",
  description: "Any server that speaks OpenAI's chat format: llama.cpp, vLLM, LM Studio, LiteLLM …",
  settings,

  create({ base_url, api_key, headers_timeout }, context) {
    const baseUrl = base_url.replace(/\/+$/, "");
    const fetch = context.fetch({ headersMs: headers_timeout * 1000 });
    const server = (think?: boolean) =>
      createOpenAICompatible({
        name: "openaiCompatible",
        baseURL: baseUrl,
        ...(api_key ? { apiKey: api_key } : {}),
        fetch,
        includeUsage: true,
        // The switch that llama.cpp, vLLM and SGLang hand to the model's template. Strict servers refuse what they do
        // not know: for those `think` stays unset.
        ...(think === undefined
          ? {}
          : { transformRequestBody: (body) => ({ ...body, chat_template_kwargs: { enable_thinking: think } }) }),
      });

    async function listModels(signal?: AbortSignal): Promise<ModelInfo[]> {
      const response = await fetch(`${baseUrl}/models`, {
        headers: api_key ? { authorization: `Bearer ${api_key}` } : {},
        ...(signal ? { signal } : {}),
      });
      return answerAs(listAnswer, await response.json()).data.map(describe);
    }

    return {
      loadsModels: true,
      listModels,
      languageModel: (id, { think } = {}) => server(think).chatModel(id),

      async describeModel(id, { contextTokens } = {}, signal) {
        const models = await listModels(signal);
        const model = models.find((candidate) => candidate.id === id);
        if (!model) throw missing(id, models);
        const windows = [model.contextTokens, contextTokens].filter((tokens) => tokens !== undefined);
        return { ...model, contextTokens: windows.length > 0 ? Math.min(...windows) : undefined };
      },
    };
  },
});

const tokens = z.number().positive().nullish().catch(undefined);

/** What the format asks for is the id; each server tells the window in a place of its own. */
const listAnswer = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      max_model_len: tokens,
      context_length: tokens,
      context_window: tokens,
      max_context_length: tokens,
      meta: z.object({ n_ctx: tokens, n_ctx_train: tokens }).nullish().catch(undefined),
    }),
  ),
});

type Listed = z.infer<typeof listAnswer>["data"][number];

function describe({ id, max_model_len, context_length, context_window, max_context_length, meta }: Listed): ModelInfo {
  const window = max_model_len ?? meta?.n_ctx ?? context_length ?? context_window ?? max_context_length;
  return { id, contextTokens: window ?? meta?.n_ctx_train ?? undefined };
}

function missing(id: string, models: ModelInfo[]): ModelError {
  const offered = models
    .slice(0, 8)
    .map((model) => model.id)
    .join(", ");
  return new ModelError(
    "missing-model",
    `The server has no model ${id}. ${offered ? `It offers: ${offered}.` : "It offers none."}`,
  );
}
