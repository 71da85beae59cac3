import { z } from "zod";
import { ModelError } from "../model-error.ts";
import type { Tool } from "../tool.ts";
import type { AgentModel } from "./agent.ts";
import { askModel, type ModelEvent, type ModelReply } from "./ask-model.ts";
import type { View } from "./history.ts";
import { tokensIn } from "./tokens.ts";

export interface AskInViewOptions {
  model: AgentModel;
  tools: ReadonlyMap<string, Tool>;
  signal: AbortSignal;
  /** The system prompt as it is now. */
  instructions(): Promise<string>;
  /** The history, at most so long. */
  view(budgetTokens: number): View;
  onEvent(event: ModelEvent): void;
  /** The server found the request too long although it seemed to fit. */
  onTooLong(): void;
}

/** Room for the answer, in tokens: a quarter of the window, at most this. */
const longestAnswer = 4_096;

/** How much of its room the history gets after the server has found it too long. */
const smallerShare = 0.4;

/** And when a run begins: so that its view need not move in the middle, which would cost the model's cache. */
const firstShare = 0.8;

/**
 * Gives a function that asks the model with as much of the history as its window holds beside prompt, tools and answer.
 * When the server says that it was too long all the same, the history is cut down once and asked again.
 */
export function createAskInView(
  options: AskInViewOptions,
): (how: { conclude: boolean; mayBeSilent: boolean }) => Promise<ModelReply> {
  const { model, tools, signal } = options;
  let share = firstShare;

  return async function ask(how) {
    const instructions = await options.instructions();
    const fixed = tokensIn(instructions) + toolTokens(tools);
    const window = await model.contextTokens(signal);
    // Some servers would cut the request to fit, and the model would answer without its prompt.
    if (fixed >= window) throw tooSmall(model.name, window, fixed);
    const room = window - Math.min(longestAnswer, window / 4) - fixed;
    const { messages } = options.view(Math.max(room, window / 4) * share);
    try {
      const reply = await askModel({
        ...{ provider: model.provider, model: model.model, modelName: model.name, parameters: model.parameters },
        ...{ instructions, messages, tools, signal, onEvent: options.onEvent },
        ...how,
      });
      if (share === firstShare) share = 1;
      return reply;
    } catch (error) {
      if (!(error instanceof ModelError) || error.kind !== "context-too-long" || share === smallerShare) throw error;
      options.onTooLong();
      share = smallerShare;
      return ask(how);
    }
  };
}

function tooSmall(model: string, window: number, fixed: number): ModelError {
  return new ModelError(
    "context-too-long",
    `The window of the model ${model} (${window} tokens) is too small: my prompt and tools alone take about ${fixed}. Raise its context_tokens in data/config.json, or choose another with \`/model\`.`,
  );
}

const toolSizes = new WeakMap<ReadonlyMap<string, Tool>, number>();

/** What the descriptions of the tools take of the window, roughly: measured once for each set. */
export function toolTokens(tools: ReadonlyMap<string, Tool>): number {
  const known = toolSizes.get(tools);
  if (known !== undefined) return known;
  const tokens = [...tools.values()].reduce((sum, { name, description, input }) => {
    return sum + tokensIn(name + description + JSON.stringify(z.toJSONSchema(input, { io: "input" })));
  }, 0);
  toolSizes.set(tools, tokens);
  return tokens;
}
