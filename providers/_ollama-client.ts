import type { OllamaProviderSettings } from "ai-sdk-ollama";
import type { ChatRequest, Ollama } from "ollama";
import type { ModelInfo } from "../src/provider.ts";

type Client = NonNullable<OllamaProviderSettings["client"]>;

export interface OllamaClientOptions {
  /** The official client, with every request of it tied to the signal. */
  clientFor(signal?: AbortSignal): Ollama;
  describe(signal?: AbortSignal): Promise<ModelInfo>;
}

/**
 * The official client as the SDK drives it, with what the SDK leaves open: requests end with their signal, also while
 * the model loads; `num_ctx` is the same in every one (a change reloads the model); what the model cannot do is not asked.
 */
export function createOllamaClient({ clientFor, describe }: OllamaClientOptions): Client {
  let known: ModelInfo | undefined;

  async function chat(request: ChatRequest, { signal }: { signal?: AbortSignal } = {}) {
    known ??= await describe(signal);
    const { think, tools, options, ...rest } = request;
    const { contextTokens } = known;
    return clientFor(signal).chat({
      ...rest,
      options: { ...options, ...(contextTokens === undefined ? {} : { num_ctx: contextTokens }) },
      ...(tools?.length && known.tools !== false ? { tools } : {}),
      ...(think !== undefined && known.thinking !== false ? { think } : {}),
      stream: true,
    });
  }

  // Only `chat` is called; the type asks for all four.
  const others = clientFor();
  return {
    chat: chat as unknown as Client["chat"],
    embed: (request) => others.embed(request),
    webSearch: (request) => others.webSearch(request),
    webFetch: (request) => others.webFetch(request),
  };
}
