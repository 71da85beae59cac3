import { createHash } from "node:crypto";
import type { z } from "zod";
import { messageOf } from "../errors.ts";
import { isForeign, type Origin } from "../origin.ts";
import type { Ask } from "../reply.ts";
import type { Approvals } from "../store/approvals.ts";
import type { Tool, ToolContext } from "../tool.ts";
import type { ToolCall } from "./events.ts";
import { decide, isClosedTo, ownersOnly } from "./policy.ts";
import { markUntrusted } from "./untrusted.ts";

export interface CallOptions {
  tools: ReadonlyMap<string, Tool>;
  context: ToolContext;
  run: number;
  asker: Origin;
  /** Undefined when nobody is there to ask. */
  ask: Ask | undefined;
  approvals: Approvals;
  /** How long a question stays open. */
  askMs: number;
  /** The call is allowed and begins now. */
  onBegin(): void;
  /** Time spent waiting for a person. */
  onWaited(durationMs: number): void;
}

export interface ToolOutcome {
  /** What the model reads. */
  output: string;
  failed: boolean;
  /** The policy or the owner said no. */
  refused: boolean;
  origin: Origin;
}

const longestOutput = 32_000;

/** Makes one call the model asked for. Never throws: whatever goes wrong is told to the model. */
export async function callTool(
  call: ToolCall & { problem?: string | undefined },
  options: CallOptions,
): Promise<ToolOutcome> {
  const { tools, context } = options;
  if (call.problem) return failure(call.problem);
  const tool = tools.get(call.name);
  if (!tool) return failure(`There is no tool named ${call.name}. There are: ${[...tools.keys()].join(", ")}.`);

  const parsed = tool.input.safeParse(call.input);
  if (!parsed.success) return failure(`The input for ${call.name} is wrong: ${problemsOf(parsed.error)}.`);

  try {
    const refusal = await permission(tool, parsed.data, call, options);
    if (refusal) return { ...failure(refusal), refused: true };
    context.signal.throwIfAborted();
    options.onBegin();
    const result = await unlessLeftBehind(tool.run(parsed.data, context), context.signal);
    const { text, origin = "agent" } = typeof result === "string" ? { text: result } : result;
    return { output: asRead(text, origin, call.name), failed: false, refused: false, origin };
  } catch (error) {
    if (context.signal.aborted)
      return failure("Not finished: the owner stopped the work. A part of it may have happened.");
    context.log.debug("Tool failed", { tool: call.name, error });
    // What a server says of a failure is as foreign as its pages.
    const origin = tool.effects.includes("reads-web") ? "web" : "agent";
    return { ...failure(asRead(messageOf(error), origin, call.name)), origin };
  }
}

/** A result as the model reads it: not too long, and between markers when it is foreign. */
function asRead(text: string, origin: Origin, source: string): string {
  return isForeign(origin) ? markUntrusted(cut(text), source) : cut(text);
}

/** What a tool gets to heed the abort in. Then it is left behind: `/stop` must hold, and so must the end of the program. */
const windDownMs = 1_000;

async function unlessLeftBehind<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const leaving = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    timer = setTimeout(() => leaving.reject(signal.reason), windDownMs);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, leaving.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    clearTimeout(timer);
  }
}

/** Undefined when the call may run, else what to tell the model. */
async function permission(
  tool: Tool,
  input: unknown,
  call: ToolCall,
  options: CallOptions,
): Promise<string | undefined> {
  const { context, asker, ask } = options;
  // Before the tool looks: what it finds, even that there is nothing, is none of their business.
  if (isClosedTo(asker, tool.effects)) return ownersOnly;
  const question = await tool.confirm?.(input, context);
  const confirms = tool.confirm !== undefined;
  const verdict = decide({
    ...{ effects: tool.effects, confirms, question, asker },
    ...{ tainted: context.tainted, someoneThere: ask !== undefined },
  });
  context.log.debug("Decided", { tool: tool.name, verdict: verdict.kind, tainted: context.tainted });
  if (verdict.kind === "run") return undefined;
  if (verdict.kind === "refuse" || !ask) return verdict.kind === "refuse" ? verdict.reason : "Nobody is there to ask.";
  return askOwner(question ?? describe(tool.name, input), call, input, ask, options);
}

async function askOwner(
  text: string,
  call: ToolCall,
  input: unknown,
  ask: Ask,
  { context, approvals, askMs, run, onWaited }: CallOptions,
): Promise<string | undefined> {
  const argumentsHash = createHash("sha256").update(canonical(input)).digest("hex");
  const approval = approvals.open({ run, call: call.id, tool: call.name, argumentsHash, question: text });
  const began = performance.now();
  const patience = AbortSignal.any([context.signal, AbortSignal.timeout(askMs)]);
  const decision = await ask({ call, argumentsHash, text }, patience);
  onWaited(performance.now() - began);

  // A question that the end of the program closes stays open: the next start withdraws it, with word of it.
  if (context.signal.reason === "shutdown") throw context.signal.reason;
  if (context.signal.aborted) approvals.settle(approval, "expired");
  context.signal.throwIfAborted();
  if (typeof decision === "string") {
    approvals.settle(approval, decision);
    if (decision === "yes") return undefined;
    return "The owner did not answer in time, so it was not done. Say so; do not try again.";
  }
  approvals.settle(approval, "no", decision.no);
  const words = decision.no.trim() ? ` and said: "${decision.no.trim()}"` : "";
  return `The owner said no${words}. It was not done. Respect that; do not try another way.`;
}

/** The question for a tool that has none of its own: the whole call, built from its parsed arguments. */
function describe(name: string, input: unknown): string {
  const lines = Object.entries(input ?? {}).map(([key, value]) => `- ${visible(key)}: ${visible(value)}`);
  return [`Run \`${name}\`?`, ...lines].join("\n");
}

/** A value as one line of code: control characters escaped, a long one by its head and tail. */
function visible(value: unknown): string {
  const text = JSON.stringify(value) ?? "";
  const escaped = text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}`]/gu,
    (character) => `\\u${character.codePointAt(0)?.toString(16).padStart(4, "0")}`,
  );
  const shown =
    escaped.length <= 400
      ? escaped
      : `${escaped.slice(0, 200)} … (${escaped.length} characters) … ${escaped.slice(-200)}`;
  return `\`${shown}\``;
}

/** JSON with sorted keys: the same arguments give the same text. */
export function canonical(value: unknown): string {
  const sorted = (_key: string, part: unknown): unknown =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part;
  return JSON.stringify(value, sorted) ?? "null";
}

function problemsOf(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => [path.join("."), message].filter(Boolean).join(": ")).join("; ");
}

function cut(text: string): string {
  if (text.length <= longestOutput) return text.toWellFormed();
  const note = `\n[Cut here: ${text.length} characters in all. Ask for a smaller part to see the rest.]`;
  // Some model servers refuse a request with half of a character in it, and it would stay in the history.
  return text.slice(0, longestOutput - note.length).toWellFormed() + note;
}

function failure(output: string): ToolOutcome {
  return { output: cut(output), failed: true, refused: false, origin: "agent" };
}
