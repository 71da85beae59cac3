import { convertArrayToReadableStream, MockLanguageModelV4 } from "ai/test";

/** What the model says in one call: text, or text with tool calls; a function sees the request. */
export type Turn = ScriptedTurn | ((request: ModelRequestSeen) => ScriptedTurn);
export type ScriptedTurn =
  | string
  | {
      text?: string;
      thinking?: string;
      calls?: { name: string; input: unknown; id?: string }[];
      finish?: "length" | "content-filter";
    }
  | { error: unknown };

/** What the model was sent. */
export type ModelRequestSeen = Parameters<MockLanguageModelV4["doStream"]>[0];

const usage = {
  inputTokens: { total: 10, noCache: 10, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 2, text: 2, reasoning: undefined },
};

/** A language model that says its lines in order and keeps what it was asked; past the last line it repeats that one. */
export function scriptedModel(...turns: Turn[]): MockLanguageModelV4 {
  let next = 0;
  return new MockLanguageModelV4({
    async doStream(request) {
      const turn = turns[Math.min(next, turns.length - 1)] ?? "";
      const said = typeof turn === "function" ? turn(request) : turn;
      return { stream: convertArrayToReadableStream(partsOf(said, next++)) };
    },
  });
}

type Part = Awaited<ReturnType<MockLanguageModelV4["doStream"]>>["stream"] extends ReadableStream<infer P> ? P : never;

function partsOf(turn: ScriptedTurn, index: number): Part[] {
  if (typeof turn === "object" && "error" in turn) return [{ type: "error", error: turn.error }];
  const { text = "", thinking = "", calls = [], finish } = typeof turn === "string" ? { text: turn } : turn;
  const parts: Part[] = [{ type: "stream-start", warnings: [] }];
  if (thinking)
    parts.push(
      { type: "reasoning-start", id: "r" },
      { type: "reasoning-delta", id: "r", delta: thinking },
      { type: "reasoning-end", id: "r" },
    );
  if (text)
    parts.push(
      { type: "text-start", id: "t" },
      ...text.split(/(?<= )/).map((delta): Part => ({ type: "text-delta", id: "t", delta })),
      { type: "text-end", id: "t" },
    );
  for (const [nth, { name, input, id = `call-${index}-${nth}` }] of calls.entries())
    parts.push({
      ...{ type: "tool-call", toolCallId: id, toolName: name },
      input: typeof input === "string" ? input : JSON.stringify(input),
    });
  const unified = finish ?? (calls.length > 0 ? "tool-calls" : "stop");
  parts.push({ type: "finish", usage, finishReason: { unified, raw: undefined } });
  return parts;
}
