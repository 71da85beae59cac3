import { randomUUID } from "node:crypto";
import type { ModelMessage, TextStreamPart, ToolSet } from "ai";
import type { ModelReply } from "./ask-model.ts";

type Part = TextStreamPart<ToolSet>;
type CallPart = Extract<Part, { type: "tool-call" }>;
type InputPart = Extract<Part, { type: "tool-input-start" | "tool-input-delta" }>;

/** A call as the history keeps it: its input is always an object. */
export interface CollectedCall {
  call: ModelReply["calls"][number] & { input: Record<string, unknown> };
  metadata: CallPart["providerMetadata"];
}

export interface CallCollector {
  take(part: CallPart | InputPart): void;
  end(finish: ModelReply["finish"]): CollectedCall[];
}

/** Gathers the calls of one answer. Each gets an id that neither another call of it nor one of `messages` has. */
export function createCallCollector(messages: readonly ModelMessage[]): CallCollector {
  const collected: CollectedCall[] = [];
  /** Inputs as the model wrote them, by the SDK's id: some SDKs put `{}` in the place of broken ones, or drop the call. */
  const written = new Map<string, { name: string; text: string; called: boolean }>();
  const ids = new Set(messages.flatMap(callIdsOf));

  function take(part: CallPart | InputPart): void {
    if (part.type === "tool-input-start") {
      written.set(part.id, { name: part.toolName, text: "", called: false });
      return;
    }
    if (part.type === "tool-input-delta") {
      const input = written.get(part.id);
      if (input) input.text += part.delta;
      return;
    }
    const source = written.get(part.toolCallId);
    if (source) source.called = true;
    add(
      part.toolCallId,
      part.toolName,
      isEmptyObject(part.input) && source ? source.text : part.input,
      part.providerMetadata,
    );
  }

  function add(givenId: string, name: string, given: unknown, metadata: CallPart["providerMetadata"]): void {
    const id = givenId && !ids.has(givenId) ? givenId : `call-${randomUUID()}`;
    ids.add(id);
    const input = objectFrom(given);
    collected.push({ call: input ? { id, name, input } : { id, name, input: {}, problem: howToCall(name) }, metadata });
  }

  function end(finish: ModelReply["finish"]): CollectedCall[] {
    // Cut off at the most tokens, a half-written call is no mistake of the model's.
    if (finish === "stop") {
      for (const [id, { name, text, called }] of written) if (!called) add(id, name, text, undefined);
    }
    return collected;
  }

  return { take, end };
}

function howToCall(name: string): string {
  return `The arguments of ${name} were not a JSON object, so it was not called. Call it again with its arguments as one complete JSON object.`;
}

/** The object that was meant: models also send it as a string, once or twice over; nothing at all means no arguments. */
function objectFrom(given: unknown, depth = 0): Record<string, unknown> | undefined {
  if (typeof given === "object" && given !== null && !Array.isArray(given)) return given as Record<string, unknown>;
  if (typeof given !== "string" || depth > 2) return undefined;
  if (given.trim() === "") return {};
  try {
    return objectFrom(JSON.parse(given), depth + 1);
  } catch {
    return undefined;
  }
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

function callIdsOf({ role, content }: ModelMessage): string[] {
  if (role !== "assistant" || typeof content === "string") return [];
  return content.filter((part) => part.type === "tool-call").map((part) => part.toolCallId);
}
