import type { AssistantModelMessage, LanguageModelUsage, TextStreamPart, ToolSet } from "ai";
import { ModelError } from "../model-error.ts";
import type { ModelEvent, ModelReply, ModelRequest, ModelUsage } from "./ask-model.ts";
import { createCallCollector } from "./model-calls.ts";
import { createThinkingSplitter } from "./thinking.ts";

type Part = TextStreamPart<ToolSet>;
type ContentPart = Exclude<AssistantModelMessage["content"], string>[number];
type Metadata = NonNullable<Extract<Part, { type: "tool-call" }>["providerMetadata"]>;

export interface ReplyBuilder {
  take(part: Part): void;
  /** Overrules the reason for the end that the parts give. */
  finish(reason: string): void;
  /** Throws a `ModelError` when what came is not a whole answer. */
  end(): ModelReply;
}

/** Puts one answer together from the parts of a stream, and tells of them as they come. */
export function createReplyBuilder(
  request: Pick<ModelRequest, "conclude" | "mayBeSilent" | "messages">,
  onEvent: (event: ModelEvent) => void,
): ReplyBuilder {
  const splitter = createThinkingSplitter({
    text: (text) => onEvent({ type: "text-delta", text }),
    thinking: (text) => onEvent({ type: "thinking-delta", text }),
    reset: () => onEvent({ type: "text-reset" }),
  });
  const calls = createCallCollector(request.messages);
  const reasoning = new Map<string, { text: string; metadata?: Metadata | undefined }>();
  let reason: string | undefined;
  let usage: ModelUsage = { inputTokens: 0, outputTokens: 0, cachedTokens: 0 };

  function take(part: Part): void {
    switch (part.type) {
      case "text-delta":
        splitter.push(part.text);
        return;
      case "reasoning-start":
      case "reasoning-delta":
      case "reasoning-end": {
        const block = reasoning.get(part.id) ?? { text: "" };
        if (part.type === "reasoning-delta") {
          block.text += part.text;
          if (part.text) onEvent({ type: "thinking-delta", text: part.text });
        }
        reasoning.set(part.id, { ...block, metadata: part.providerMetadata ?? block.metadata });
        return;
      }
      case "tool-input-start":
      case "tool-input-delta":
      case "tool-call":
        calls.take(part);
        return;
      case "finish-step":
        reason = reasonOf(part.finishReason, part.rawFinishReason, reason);
        usage = usageOf(part.usage, part.providerMetadata);
    }
  }

  function end(): ModelReply {
    const finish = finishOf(reason);
    const text = splitter.end();
    const made = request.conclude ? [] : calls.end(finish);
    if (finish === "stop" && text.trim() === "" && made.length === 0 && !request.mayBeSilent) {
      throw new ModelError(
        "empty",
        "The model said nothing. Ask again, perhaps in other words, or choose another model.",
      );
    }

    const content: ContentPart[] = [];
    for (const { text, metadata } of reasoning.values()) {
      if (isSigned(metadata)) content.push({ type: "reasoning", text, providerOptions: metadata });
    }
    if (text) content.push({ type: "text", text });
    for (const { call, metadata } of made) {
      content.push({
        type: "tool-call",
        toolCallId: call.id,
        toolName: call.name,
        input: call.input,
        ...(isSigned(metadata) ? { providerOptions: metadata } : {}),
      });
    }
    return { message: { role: "assistant", content }, text, calls: made.map(({ call }) => call), finish, usage };
  }

  function finish(given: string): void {
    reason = given;
  }

  return { take, finish, end };
}

/** The reason that counts: one given by hand before, else the SDK's; `undefined` where it made one up. */
function reasonOf(unified: string, raw: string | undefined, given: string | undefined): string | undefined {
  if (given) return given;
  return unified === "other" && raw === undefined ? undefined : unified;
}

function finishOf(reason: string | undefined): ModelReply["finish"] {
  switch (reason) {
    case "length":
      return "length";
    case "content-filter":
      return "refused";
    case "stop":
    case "tool-calls":
    case "other":
      return "stop";
    default:
      throw new ModelError("cut", "The model's answer broke off before its end. Try again, or choose another model.");
  }
}

function usageOf(usage: LanguageModelUsage, metadata: Metadata | undefined): ModelUsage {
  const reported = metadata?.openrouter?.usage;
  const cost = typeof reported === "object" && reported && "cost" in reported ? reported.cost : undefined;
  return {
    inputTokens: usage.inputTokens ?? 0,
    outputTokens: usage.outputTokens ?? 0,
    cachedTokens: usage.inputTokenDetails?.cacheReadTokens ?? 0,
    ...(typeof cost === "number" ? { cost } : {}),
  };
}

/** True when the provider wants something back with the next request. */
function isSigned(metadata: Metadata | undefined): metadata is Metadata {
  return Object.values(metadata ?? {}).some((provider) =>
    Object.values(provider ?? {}).some((value) => value != null && !(Array.isArray(value) && value.length === 0)),
  );
}
