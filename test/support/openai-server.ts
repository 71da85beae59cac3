import { type ModelServer, type ScriptedTurn, startModelServer, type Turn, words } from "./model-server.ts";

export interface OpenaiChat {
  model: string;
  messages: { role: string; content: unknown; tool_calls?: unknown[]; tool_call_id?: string; [key: string]: unknown }[];
  tools?: { type: string; function: { name: string; description: string; parameters: Record<string, unknown> } }[];
  tool_choice?: unknown;
  stream?: boolean;
  [key: string]: unknown;
}

export interface OpenaiServerOptions {
  turns?: ScriptedTurn<OpenaiChat>[];
  /** As `/models` lists them. */
  models?: object[];
  /** Speaks as OpenRouter does: comments first, reasoning details, the price of each answer. Paths begin with `/api/v1`. */
  openrouter?: boolean;
  /** What `/key` says. */
  key?: { status?: number; body: unknown };
  port?: number;
}

/** The OpenAI chat wire format, played from a script. The base address of a client is `url` with `/v1` (`/api/v1`). */
export async function startOpenaiServer({
  turns = [],
  models = [{ id: "small-model", object: "model" }],
  openrouter = false,
  key = { body: { data: { label: "a key", limit: null, usage: 0 } } },
  port,
}: OpenaiServerOptions = {}): Promise<ModelServer<OpenaiChat>> {
  const base = openrouter ? "/api/v1" : "/v1";
  return startModelServer<OpenaiChat>(
    {
      chatPath: `${base}/chat/completions`,
      contentType: "text/event-stream",
      ping: openrouter ? ": OPENROUTER PROCESSING\n\n" : ": ping\n\n",
      frames: (turn, body) => frames(turn, body, openrouter),
      error: (message) => ({ error: { message, type: "invalid_request_error", param: null, code: null } }),
      answer(path) {
        if (path === `${base}/models`) return { body: { object: "list", data: models } };
        if (path === `${base}/key`) return key;
        return undefined;
      },
    },
    turns,
    port,
  );
}

function frames(turn: Turn, { model }: OpenaiChat, openrouter: boolean): string[] {
  const { thinking = "", text = "", calls = [], finish, usage = { input: 26, output: 8 } } = turn;
  const head = {
    id: openrouter ? "gen-1767605400-abcdefghij" : "chatcmpl-9f8e7d6c",
    ...(openrouter ? { provider: "Fireworks" } : {}),
    object: "chat.completion.chunk",
    created: 1_767_605_400,
    model,
  };
  const event = (rest: object) => `data: ${JSON.stringify({ ...head, ...rest })}\n\n`;
  const chunk = (delta: object, finish_reason: string | null = null) =>
    event({ choices: [{ index: 0, delta, finish_reason }] });

  const think = (delta: string) =>
    openrouter
      ? {
          role: "assistant",
          content: "",
          reasoning: delta,
          reasoning_details: [{ type: "reasoning.text", text: delta, format: "unknown", index: 0 }],
        }
      : { reasoning_content: delta };
  const said = [
    ...(openrouter ? [": OPENROUTER PROCESSING\n\n"] : []),
    chunk({ role: "assistant", content: "" }),
    ...words(thinking).map((delta) => chunk(think(delta))),
    ...(openrouter && thinking
      ? [
          chunk({
            content: "",
            reasoning_details: [{ type: "reasoning.text", signature: "c2lnbmVk", format: "unknown", index: 0 }],
          }),
        ]
      : []),
    ...words(text).map((content) => chunk({ content })),
    ...calls.flatMap(({ name, input = {}, rawInput = JSON.stringify(input), id }, index) => {
      const half = Math.ceil(rawInput.length / 2);
      const first = { index, id: id ?? `call_${index}_${name}`, type: "function", function: { name, arguments: "" } };
      return [
        chunk({ tool_calls: [first] }),
        ...[rawInput.slice(0, half), rawInput.slice(half)].map((part) =>
          chunk({ tool_calls: [{ index, function: { arguments: part } }] }),
        ),
      ];
    }),
  ];
  if (turn.streamError !== undefined) {
    const error = {
      error: turn.streamError,
      ...(openrouter ? { choices: [{ index: 0, delta: { content: "" }, finish_reason: "error" }] } : {}),
    };
    return [...said, event(error)];
  }

  const reason = finish === "refused" ? "content_filter" : (finish ?? (calls.length > 0 ? "tool_calls" : "stop"));
  const counted = {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    ...(usage.cost === undefined ? {} : { cost: usage.cost }),
    prompt_tokens_details: { cached_tokens: usage.cached ?? 0 },
  };
  return [...said, chunk({}, reason), event({ choices: [], usage: counted }), "data: [DONE]\n\n"];
}
