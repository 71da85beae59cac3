import type { ModelMessage } from "ai";
import { isForeign } from "../origin.ts";
import type { ModelReply } from "./ask-model.ts";
import type { ToolOutcome } from "./call-tool.ts";
import type { ToolCall } from "./events.ts";
import type { View } from "./history.ts";
import { addWords, toolResult } from "./messages.ts";
import { programSays } from "./program-says.ts";
import { tokensIn } from "./tokens.ts";

export interface QuietRunOptions {
  /** What is about to leave the agent's view. */
  view: View;
  /** Tells which part of the conversation that is. */
  what: string;
  /** The most that a request may hold beside prompt and tools. */
  roomTokens: number;
  ask(messages: readonly ModelMessage[]): Promise<ModelReply>;
  /** Makes one call of a memory tool, as the policy lets it happen when nobody is there to ask. */
  callTool(call: ToolCall, seen: QuietView): Promise<ToolOutcome>;
}

/** What the model has before it in a quiet run. */
export type QuietView = Pick<View, "taints" | "derived" | "owned">;

/** The tools with which an agent writes down what matters. */
export const memoryTools: ReadonlySet<string> = new Set([
  ...["write_memory_file", "read_memory_file"],
  ...["read_core_file", "write_core_file"],
]);

const mostSteps = 4;
const mostCalls = 8;

/**
 * Lets the agent write down what matters before it leaves its view. Nobody reads what it says. Gives the calls that were
 * made and did what they should.
 */
export async function runQuietly({ view, what, roomTokens, ask, callTool }: QuietRunOptions): Promise<ToolCall[]> {
  const messages = [...view.messages];
  addWords(messages, programSays(`${what} ${askToWriteDown}`));
  const taints = [...view.taints];
  const made: ToolCall[] = [];
  let calls = 0;

  for (let step = 0; step < mostSteps; step++) {
    if (sizeOf(messages) > roomTokens) return made;
    const reply = await ask(messages);
    if (reply.calls.length === 0) return made;
    const results = [];
    for (const call of reply.calls) {
      const isAllowed = memoryTools.has(call.name) && calls++ < mostCalls;
      const outcome = isAllowed ? await callTool(call, { ...view, taints }) : notNow;
      if (isForeign(outcome.origin)) taints.push(`the result of ${call.name}`);
      if (!outcome.failed) made.push(call);
      results.push(toolResult(call.id, call.name, outcome.output, outcome.failed));
    }
    messages.push(reply.message, { role: "tool", content: results });
  }
  return made;
}

const askToWriteDown =
  "Nobody reads what you answer now. Write down what will matter later and is not written down yet: with write_memory_file what happened, what was decided, what is to be done; in a core file, after reading it, a lasting fact. Write each thing once. Is there nothing? Then answer “nothing”. No other tool can be used now.";

const notNow: ToolOutcome = {
  output: "Not now: only your journal and your core files can be read and written here.",
  ...{ failed: true, refused: false, origin: "agent" },
};

function sizeOf(messages: readonly ModelMessage[]): number {
  return messages.reduce((sum, { content }) => {
    return sum + tokensIn(typeof content === "string" ? content : JSON.stringify(content)) + 8;
  }, 0);
}
