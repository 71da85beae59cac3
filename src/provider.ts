import type { LanguageModel } from "ai";
import type { z } from "zod";

export { ModelError } from "./model-error.ts";

/** A place models come from. A file in `providers/` holds one, as its default export. */
export interface ProviderModule<Settings extends z.ZodType = z.ZodType> {
  /** The `type` of its sections in the config. */
  readonly name: string;
  /** One line for the wizard. */
  readonly description: string;
  /**
   * Its section of the config, without `type`; the wizard asks for these fields. A field's `.describe()` is the
   * question; `.meta({ secret: true })` marks one that is typed hidden and kept in `.env`.
   */
  readonly settings: Settings;
  /** Opens nothing: the first request does. */
  create(settings: z.infer<Settings>, context: ProviderContext): Provider;
}

export interface ProviderContext {
  /**
   * A `fetch` with the deadlines that every model request has: connecting 10 s, headers `headersMs` (30,000 unless
   * given), `idleMs` (60,000) between two pieces of the body; what is not UTF-8 is an error. Failures are `ModelError`s.
   */
  fetch(options?: { headersMs?: number; idleMs?: number }): typeof globalThis.fetch;
}

export interface Provider {
  /** Never a bare string: that would go to a hosted gateway. */
  languageModel(id: string, parameters?: ModelParameters): Exclude<LanguageModel, string>;
  /** The models on offer. Also the connection test. Throws what `fetch` throws. */
  listModels(signal?: AbortSignal): Promise<ModelInfo[]>;
  /** What is known of one model; the window is what the requests will use. Throws when the model is not there. */
  describeModel(id: string, parameters?: ModelParameters, signal?: AbortSignal): Promise<ModelInfo>;
  /** The server loads a model before it speaks: no headers for minutes is not a failure. */
  readonly loadsModels?: true;
  /**
   * Whether a model is at work there now: asked when an answer has stopped in the middle, where the server is silent
   * while a long tool call is being written. Never throws.
   */
  isWorking?(signal: AbortSignal): Promise<boolean>;
  /** Fetches a model to the server. `onProgress` gets 0 to 1. */
  pullModel?(id: string, onProgress: (done: number, text: string) => void, signal?: AbortSignal): Promise<void>;
  /** What to type where the model is missing: `ollama pull llama3`. */
  pullCommand?(id: string): string;
  /** A sentence that every session begins with. */
  readonly notice?: string;
}

/** How one configured model is to be used. */
export interface ModelParameters {
  /** Ask the model to think first; undefined leaves it to the model. */
  think?: boolean | undefined;
  /** The most tokens a request and its answer may hold together, where the server can be told. */
  contextTokens?: number | undefined;
}

export interface ModelInfo {
  id: string;
  /** Tokens that a request and its answer may hold together. */
  contextTokens?: number | undefined;
  tools?: boolean | undefined;
  vision?: boolean | undefined;
  thinking?: boolean | undefined;
  /** US dollars for a million tokens. */
  price?: { input: number; output: number } | undefined;
}

/** Gives a provider its types. */
export function defineProvider<Settings extends z.ZodType>(module: ProviderModule<Settings>): ProviderModule<Settings> {
  return module;
}
