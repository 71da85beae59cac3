import type { z } from "zod";
import { messageOf } from "../errors.ts";
import { isForeign, type Origin } from "../origin.ts";
import type { Picture, Tool, ToolOutput } from "../tool.ts";
import type { ToolCall } from "./events.ts";
import { type PermissionOptions, permission } from "./permission.ts";
import { markUntrusted } from "./untrusted.ts";

export interface CallOptions extends PermissionOptions {
  tools: ReadonlyMap<string, Tool>;
  /** The call is allowed and begins now. */
  onBegin(): void;
}

export interface ToolOutcome {
  /** What the model reads. */
  output: string;
  failed: boolean;
  /** The policy or the owner said no. */
  refused: boolean;
  origin: Origin;
  /** What a model that sees is shown with it. */
  picture?: Picture | undefined;
}

const longestOutput = 32_000;
/** No model writes so much in one call; what does is no call that was meant. */
const longestInput = 500_000;

/** Makes one call the model asked for. Never throws: whatever goes wrong is told to the model. */
export async function callTool(
  call: ToolCall & { problem?: string | undefined },
  options: CallOptions,
): Promise<ToolOutcome> {
  const { tools, context } = options;
  if (call.problem) return failure(call.problem);
  const tool = tools.get(call.name);
  if (!tool) return failure(`There is no tool named ${call.name}. There are: ${[...tools.keys()].join(", ")}.`);

  if ((JSON.stringify(call.input) ?? "").length > longestInput)
    return failure(`The input for ${call.name} is too long: it may have ${longestInput} characters.`);
  const parsed = tool.input.safeParse(call.input);
  if (!parsed.success) return failure(`The input for ${call.name} is wrong: ${problemsOf(parsed.error)}.`);

  try {
    const refusal = await permission(tool, parsed.data, call, options);
    if (refusal) return { ...failure(refusal), refused: true };
    context.signal.throwIfAborted();
    options.onBegin();
    const result = await unlessLeftBehind(tool.run(parsed.data, context), context.signal);
    const { text, origin = "agent", picture }: ToolOutput = typeof result === "string" ? { text: result } : result;
    return { output: asRead(text, origin, call.name), failed: false, refused: false, origin, picture };
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
