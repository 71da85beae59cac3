import { jsonSchema, streamText, ToolChoiceViolationError, type ToolSet } from "ai";
import { z } from "zod";
import { ModelError } from "../model-error.ts";
import type { Tool } from "../tool.ts";
import type { ModelReply, ModelRequest } from "./ask-model.ts";
import { modelErrorFrom } from "./model-error-from.ts";
import { createReplyBuilder } from "./model-reply.ts";

export interface AttemptTiming {
  /** Without a piece of the answer for this long the model hangs, whatever else the server sends. */
  progressMs: number;
  /** The same where the server can be asked whether it is still at work; while it is, up to `loadMs`. */
  silenceMs: number;
  /** The same before the first piece, where the server loads models; the provider's own deadline is the sharper one. */
  loadMs: number;
  /** A server that loads models and is silent for this long is said to be loading. */
  loadNoticeMs: number;
}

/** `begun`: a piece of the answer had come. */
export type Outcome = { reply: ModelReply } | { error: ModelError; begun: boolean };

/** One try. Throws only the reason of `request.signal`, and what is not the model's fault. */
export async function attemptModel(request: ModelRequest, timing: AttemptTiming): Promise<Outcome> {
  request.signal.throwIfAborted();
  const ending = new AbortController();
  const loadsModels = request.provider.loadsModels === true;
  let begun = false;
  let streamed = false;
  let isOver = false;

  // The server may ignore that we hang up: nothing is awaited but together with this.
  const stopped = Promise.withResolvers<never>();
  stopped.promise.catch(() => {});
  const onAbort = () => stopped.reject(request.signal.reason);
  request.signal.addEventListener("abort", onAbort, { once: true });

  const { isWorking } = request.provider;
  let watchdog: NodeJS.Timeout | undefined;
  const watch = (silentMs = 0) => {
    clearTimeout(watchdog);
    const limitMs = loadsModels && !begun ? timing.loadMs : isWorking ? timing.silenceMs : timing.progressMs;
    watchdog = setTimeout(() => void expire(silentMs + limitMs), limitMs);
  };
  const expire = async (silentMs: number) => {
    const mayGoOn = begun && isWorking && silentMs < timing.loadMs;
    if (!mayGoOn || !(await isWorking(request.signal))) return stopped.reject(withoutProgress(silentMs));
    if (isOver) return;
    request.onEvent({ type: "model-wait", text: `${request.modelName} is still writing …` });
    watch(silentMs);
  };
  const notice = loadsModels ? setTimeout(() => sayLoading(request), timing.loadNoticeMs) : undefined;

  try {
    const builder = createReplyBuilder(request, (event) => {
      streamed ||= event.type === "text-delta" || event.type === "thinking-delta";
      request.onEvent(event);
    });
    const parts = partsOf(request, AbortSignal.any([request.signal, ending.signal]));
    watch();
    for (;;) {
      const { done, value: part } = await Promise.race([nextOf(parts), stopped.promise]);
      if (done) break;
      if (isProgress(part.type)) {
        begun = true;
        clearTimeout(notice);
        watch();
      }
      if (part.type === "error") {
        // A model that calls a tool though it may not: its calls are dropped, its words count.
        if (request.conclude && ToolChoiceViolationError.isInstance(part.error))
          builder.finish(part.error.finishReason);
        else throw modelErrorFrom(part.error);
      } else builder.take(part);
    }
    return { reply: builder.end() };
  } catch (error) {
    ending.abort();
    request.signal.throwIfAborted();
    if (!(error instanceof ModelError)) throw error;
    if (streamed) request.onEvent({ type: "text-reset" });
    return { error, begun };
  } finally {
    isOver = true;
    clearTimeout(watchdog);
    clearTimeout(notice);
    request.signal.removeEventListener("abort", onAbort);
  }
}

function partsOf(request: ModelRequest, abortSignal: AbortSignal) {
  const { temperature, topP, maxTokens } = request.parameters ?? {};
  const tools = Object.fromEntries([...request.tools.values()].map((tool) => [tool.name, described(tool)]));
  const result = streamText({
    model: request.model,
    instructions: request.instructions,
    messages: [...request.messages],
    ...(request.tools.size > 0 ? { tools, toolChoice: request.conclude ? "none" : "auto" } : {}),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(maxTokens === undefined ? {} : { maxOutputTokens: maxTokens }),
    abortSignal,
    maxRetries: 0,
    onError() {}, // The default prints; errors are thrown where the parts are read.
  });
  return result.stream[Symbol.asyncIterator]();
}

/** What goes wrong in here is the model's side; what goes wrong elsewhere in a try is a mistake of the program. */
async function nextOf<T>(parts: AsyncIterator<T>): Promise<IteratorResult<T>> {
  try {
    return await parts.next();
  } catch (error) {
    throw modelErrorFrom(error);
  }
}

const descriptions = new WeakMap<Tool, ToolSet[string]>();

/** A tool as the SDK wants it: no `execute`, so that it ends after one step; a bare schema, so that it checks nothing. */
function described(tool: Tool): ToolSet[string] {
  const known = descriptions.get(tool);
  if (known) return known;
  const { $schema: _, ...schema } = z.toJSONSchema(tool.input, { io: "input" });
  const description = {
    description: tool.description,
    inputSchema: jsonSchema(schema as Parameters<typeof jsonSchema>[0]),
  };
  descriptions.set(tool, description);
  return description;
}

function isProgress(type: string): boolean {
  return /^(text|reasoning|tool)-/.test(type) || type === "finish-step";
}

function sayLoading({ modelName, onEvent }: ModelRequest): void {
  onEvent({ type: "model-wait", text: `Loading the model ${modelName} …` });
}

function withoutProgress(limitMs: number): ModelError {
  const limit = `${Math.round(limitMs / 1000)} s`;
  return new ModelError(
    "hung",
    `The model's server keeps the line open but has said nothing for ${limit}. Try again, or choose another model.`,
  );
}
