import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type ModelServer, type ScriptedTurn, startModelServer, type Turn, words } from "./model-server.ts";

export interface OllamaChat {
  model: string;
  messages: {
    role: string;
    content: string;
    thinking?: string;
    tool_name?: string;
    tool_calls?: unknown[];
    images?: string[];
  }[];
  tools?: { type: string; function: { name: string; description: string; parameters: Record<string, unknown> } }[];
  options?: Record<string, unknown>;
  think?: boolean;
  stream?: boolean;
}

export interface OllamaServerOptions {
  turns?: ScriptedTurn<OllamaChat>[];
  /** What is installed, by name. */
  models?: Record<string, { contextTokens?: number; capabilities?: string[] }>;
  /** The lines of `/api/pull`. */
  pull?: object[];
  port?: number;
}

/** Ollama's wire format, played from a script. */
export async function startOllamaServer({
  turns = [],
  models = { llama3: {} },
  pull = [],
  port,
}: OllamaServerOptions = {}): Promise<ModelServer<OllamaChat>> {
  return startModelServer<OllamaChat>(
    {
      chatPath: "/api/chat",
      contentType: "application/x-ndjson",
      ping: "\n",
      frames,
      error: (message) => ({ error: message }),
      answer(path, body) {
        const name = (body as { model?: string } | undefined)?.model ?? "";
        if (path === "/api/tags") return { body: { models: Object.keys(models).map(listed) } };
        if (path === "/api/version") return { body: { version: "0.12.6" } };
        if (path === "/api/pull") {
          return { body: pull.map((line) => `${json(line)}\n`).join(""), contentType: "application/x-ndjson" };
        }
        if (path !== "/api/show") return undefined;
        const model = models[name];
        return model ? { body: shown(model) } : { status: 404, body: { error: `model '${name}' not found` } };
      },
    },
    turns,
    port,
  );
}

function frames(turn: Turn, { model }: OllamaChat): string[] {
  const { thinking = "", text = "", calls = [], usage = { input: 26, output: 8 } } = turn;
  const chunk = (message: object, rest: object = { done: false }) =>
    `${json({ model, created_at: "2026-01-05T09:30:00.123456789Z", message: { role: "assistant", content: "", ...message }, ...rest })}\n`;

  const said = [
    ...words(thinking).map((delta) => chunk({ thinking: delta })),
    ...words(text).map((content) => chunk({ content })),
    ...calls.map(({ name, input = {} }, index) =>
      chunk({ tool_calls: [{ function: { index, name, arguments: input } }] }),
    ),
  ];
  if (turn.streamError !== undefined) return [...said, `${json({ error: turn.streamError })}\n`];
  const last = {
    done: true,
    done_reason: turn.finish === "length" ? "length" : "stop",
    total_duration: 4_935_886_791,
    load_duration: 534_986_708,
    prompt_eval_count: usage.input,
    prompt_eval_duration: 107_345_000,
    eval_count: usage.output,
    eval_duration: 4_289_432_000,
  };
  return [...said, chunk({}, last)];
}

/** Go escapes these in JSON. */
function json(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
}

function listed(name: string): object {
  const details = {
    parent_model: "",
    format: "gguf",
    family: "llama",
    families: ["llama"],
    parameter_size: "8.0B",
    quantization_level: "Q4_0",
  };
  return {
    name,
    model: name,
    modified_at: "2026-01-05T09:30:00Z",
    size: 4_661_224_676,
    digest: "365c0bd3c000",
    details,
  };
}

function shown({
  contextTokens = 8192,
  capabilities = ["completion", "tools"],
}: {
  contextTokens?: number;
  capabilities?: string[];
}): object {
  return {
    modelfile: "FROM llama3",
    template: "{{ .Prompt }}",
    details: { format: "gguf", family: "llama" },
    model_info: { "general.architecture": "llama", "llama.block_count": 32, "llama.context_length": contextTokens },
    capabilities,
    modified_at: "2026-01-05T09:30:00Z",
  };
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { port: { type: "string" }, script: { type: "string" } } });
  const script = values.script ? JSON.parse(readFileSync(values.script, "utf8")) : [];
  const turns = script.length > 0 ? script : Array.from({ length: 1000 }, () => "Hello from the script.");
  const server = await startOllamaServer({ turns, port: Number(values.port ?? 11434) });
  console.log(server.url);
}
