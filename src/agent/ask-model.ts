import { setTimeout as sleep } from "node:timers/promises";
import type { AssistantModelMessage, LanguageModel, ModelMessage } from "ai";
import { ModelError, type ModelErrorKind } from "../model-error.ts";
import type { Provider } from "../provider.ts";
import type { Tool } from "../tool.ts";
import type { ToolCall } from "./events.ts";
import { type AttemptTiming, attemptModel } from "./model-attempt.ts";

/** One model call: what is asked. */
export interface ModelRequest {
  provider: Pick<Provider, "loadsModels" | "pullCommand" | "isWorking">;
  model: Exclude<LanguageModel, string>;
  /** As the owner calls it; for sentences. */
  modelName: string;
  instructions: string;
  messages: readonly ModelMessage[];
  /** In the order in which they are sent. */
  tools: ReadonlyMap<string, Tool>;
  /** The model must answer now: it may call no tool. */
  conclude: boolean;
  /** An empty answer is one: the person has been told already. */
  mayBeSilent?: boolean;
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

export interface ModelTiming extends AttemptTiming {
  /** Before the second try of a server in trouble; doubles with each further one. */
  backOffMs: number;
  /** The longest wait that a server may ask for. */
  maxWaitMs: number;
  /** 0 to 1: spreads the tries of those who failed together. */
  random(): number;
}

const defaults: ModelTiming = {
  backOffMs: 1000,
  maxWaitMs: 60_000,
  progressMs: 120_000,
  silenceMs: 60_000,
  loadMs: 1_200_000,
  loadNoticeMs: 2000,
  random: Math.random,
};

const mostTries = 5;

/**
 * Asks the model once and gets its whole answer, trying again where that can help. Throws a `ModelError` when there is
 * none to be had, and the reason of `request.signal` at once when that aborts. Of a failed try nothing is kept:
 * `text-reset` takes back what was streamed.
 */
export async function askModel(request: ModelRequest, timing: Partial<ModelTiming> = {}): Promise<ModelReply> {
  const times = { ...defaults, ...timing };
  const failures = new Map<ModelErrorKind, number>();

  for (let tried = 1; ; tried++) {
    const outcome = await attemptModel(request, times);
    if ("reply" in outcome) return outcome.reply;

    const { error, begun } = outcome;
    const count = (failures.get(error.kind) ?? 0) + 1;
    failures.set(error.kind, count);
    const most = mostTriesAfter(error, begun, request.provider.loadsModels === true);
    if (count >= most || tried >= mostTries) throw explained(error, request);

    const waitMs = waitBefore(error, count, times);
    request.onEvent({ type: "model-wait", text: waitSentence(error.kind, waitMs, count + 1, most) });
    await pause(waitMs, request.signal);
  }
}

/** How many tries there are in all when one fails like this. `begun`: the model had begun to answer. */
function mostTriesAfter(error: ModelError, begun: boolean, loadsModels: boolean): number {
  switch (error.kind) {
    case "rate-limited":
      // A server that does not say when to come back means a limit that waiting does not lift.
      return error.retryAfterMs === undefined ? 1 : mostTries;
    case "overloaded":
    case "unreachable":
      return mostTries;
    case "hung":
      if (begun) return 2;
      // Hanging up on a server that loads a model makes it begin anew.
      return loadsModels ? 1 : 3;
    case "cut":
    case "malformed":
    case "empty":
      return 2;
    default:
      return 1;
  }
}

function waitBefore(error: ModelError, failures: number, times: ModelTiming): number {
  if (error.retryAfterMs !== undefined) return Math.min(error.retryAfterMs, times.maxWaitMs);
  if (error.kind !== "overloaded" && error.kind !== "unreachable") return 0;
  return times.backOffMs * 2 ** (failures - 1) * (0.75 + times.random() / 2);
}

async function pause(waitMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(waitMs, undefined, { signal });
  } catch {
    throw signal.reason;
  }
}

function waitSentence(kind: ModelErrorKind, waitMs: number, next: number, most: number): string {
  const when = waitMs < 500 ? "now" : `in ${Math.round(waitMs / 1000)} s`;
  return `${whatHappened[kind] ?? "The model did not answer."} Trying again ${when} (${next} of ${most}).`;
}

const whatHappened: Partial<Record<ModelErrorKind, string>> = {
  "rate-limited": "The model's server asks to wait.",
  overloaded: "The model's server is overloaded.",
  unreachable: "The model's server cannot be reached.",
  hung: "The model fell silent.",
  cut: "The model's answer broke off.",
  malformed: "The model's answer could not be read.",
  empty: "The model said nothing.",
};

/** The error in the words of this request. */
function explained(error: ModelError, { provider, model, modelName }: ModelRequest): ModelError {
  const command = provider.pullCommand?.(model.modelId);
  if (error.kind !== "missing-model" || !command) return error;
  return new ModelError(error.kind, `The model ${modelName} is not on its server. Fetch it with \`${command}\`.`, {
    cause: error,
  });
}
