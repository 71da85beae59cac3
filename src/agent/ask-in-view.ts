import type { ModelMessage } from "ai";
import { z } from "zod";
import { ModelError } from "../model-error.ts";
import type { Tool } from "../tool.ts";
import type { AgentModel } from "./agent.ts";
import { askModel, type ModelEvent, type ModelReply } from "./ask-model.ts";
import type { View } from "./history.ts";
import type { ShowPictures } from "./pictures.ts";
import { tokensIn } from "./tokens.ts";

export interface AskInViewOptions {
  model: AgentModel;
  tools: ReadonlyMap<string, Tool>;
  signal: AbortSignal;
  /** The system prompt as it is now. */
  instructions(): Promise<string>;
  /** The view as it stands; undefined when it is longer than this. */
  viewThatFits(budgetTokens: number): View | undefined;
  /** Sums up and lets go so much that the view fits, where that can be done. */
  makeRoom(budgetTokens: number, instructions: string): Promise<void>;
  /** The view, cut to this where it is longer. */
  view(budgetTokens: number): View;
  showPictures: ShowPictures;
  onEvent(event: ModelEvent): void;
  /** The server found the request too long although it seemed to fit. */
  onTooLong(): void;
}

export interface AskInView {
  conclude: boolean;
  mayBeSilent: boolean;
  /** What stands after the view in this one request. */
  after?: readonly ModelMessage[];
}

/** Room for the answer, in tokens: a quarter of the window, at most this. */
const longestAnswer = 4_096;

/** With less beside prompt and tools there is no use in asking. */
const leastAnswer = 512;
const leastView = 256;

/** How much of the room the view gets when a run begins, so that it need not move in the middle: that would cost the model's cache. */
const firstShare = 0.8;

/** And how much of what the server has found too long. */
const smallerShare = 0.4;

/**
 * Gives a function that asks the model with as much of the history as its window holds beside prompt, tools and answer.
 * When the server says that it was too long all the same, room is made in the view once and it is asked again.
 */
export function createAskInView(options: AskInViewOptions): (how: AskInView) => Promise<ModelReply> {
  const { model, tools, signal } = options;
  let share = firstShare;
  let mostTokens = Number.POSITIVE_INFINITY;

  async function measure(after: readonly ModelMessage[]): Promise<{ instructions: string; budgetTokens: number }> {
    const instructions = await options.instructions();
    const fixed = tokensIn(instructions) + toolTokens(tools);
    const window = await model.contextTokens(signal);
    // Some servers would cut the request to fit, and the model would answer without its prompt.
    if (window - fixed < leastAnswer + leastView) throw tooSmall(model.name, window, fixed);
    const room = Math.max(
      window - Math.min(longestAnswer, window / 4) - fixed,
      // Where prompt and tools take most of it, the answer gives way before the view does.
      Math.min(window / 4, window - leastAnswer - fixed),
    );
    const afterTokens = after.length === 0 ? 0 : tokensIn(JSON.stringify(after));
    return { instructions, budgetTokens: Math.min(room * share, mostTokens) - afterTokens };
  }

  return async function ask(how) {
    const { conclude, mayBeSilent, after = [] } = how;
    let { instructions, budgetTokens } = await measure(after);
    let view = options.viewThatFits(budgetTokens);
    if (!view) {
      await options.makeRoom(budgetTokens, instructions);
      // The core files may hold more now.
      ({ instructions, budgetTokens } = await measure(after));
      view = options.view(budgetTokens);
    }
    const messages = [...(await options.showPictures(view.messages)), ...after];
    try {
      const reply = await askModel({
        ...{ provider: model.provider, model: model.model, modelName: model.name, parameters: model.parameters },
        ...{ instructions, messages, tools, signal, onEvent: options.onEvent },
        ...{ conclude, mayBeSilent },
      });
      share = 1;
      return reply;
    } catch (error) {
      const wasTooLong = error instanceof ModelError && error.kind === "context-too-long";
      if (!wasTooLong || mostTokens < Number.POSITIVE_INFINITY) throw error;
      options.onTooLong();
      mostTokens = view.tokens * smallerShare;
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
