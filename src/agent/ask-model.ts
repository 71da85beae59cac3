import type { AssistantModelMessage, LanguageModel, ModelMessage } from "ai";
import type { Provider } from "../provider.ts";
import type { Tool } from "../tool.ts";
import type { ToolCall } from "./events.ts";

/** One model call: what is asked. */
export interface ModelRequest {
  provider: Pick<Provider, "loadsModels" | "pullCommand">;
  model: Exclude<LanguageModel, string>;
  /** As the owner calls it; for sentences. */
  modelName: string;
  instructions: string;
  messages: readonly ModelMessage[];
  /** In the order in which they are sent. */
  tools: ReadonlyMap<string, Tool>;
  /** The model must answer now: it may call no tool. */
  conclude: boolean;
  parameters?: { temperature?: number | undefined; topP?: number | undefined; maxTokens?: number | undefined };
  signal: AbortSignal;
  onEvent(event: ModelEvent): void;
}

export type ModelEvent =
  | { type: "text-delta"; text: string }
  | { type: "thinking-delta"; text: string }
  | { type: "text-reset" }
  | { type: "model-wait"; text: string };

/** One model call: what came. */
export interface ModelReply {
  /** For the history: text without thinking, calls with object inputs, reasoning parts where the provider signs them. */
  message: AssistantModelMessage;
  text: string;
  /** `problem`: the call cannot be made as it stands (broken JSON …); the sentence goes to the model as its result. */
  calls: (ToolCall & { problem?: string })[];
  /** `length`: cut off at the most tokens; `refused`: a content filter. */
  finish: "stop" | "length" | "refused";
  usage: ModelUsage;
}

export interface ModelUsage {
  inputTokens: number;
  outputTokens: number;
  cachedTokens: number;
  /** US dollars, where the provider says so. */
  cost?: number | undefined;
}
