import type { NewEntry } from "../store/log.ts";
import type { OpenStep, Run } from "../store/runs.ts";
import type { LoopResult } from "./loop.ts";
import { toolResult } from "./messages.ts";
import { withPicture } from "./pictures.ts";

/** What a run says, as entries of the log. */
export interface RunEntries {
  /** What the model said in a step, and the result of each of its calls. */
  ofStep(step: OpenStep): NewEntry[];
  /** What is said last. */
  ofEnd(result: LoopResult): NewEntry[];
}

export function createRunEntries(run: Run, agent: string, now: () => Date): RunEntries {
  const base = () => ({ session: run.session, run: run.id, at: now() });
  const own = (text: string, content: unknown, isDerived: boolean): NewEntry => {
    const origin = isDerived ? "derived" : "agent";
    return { ...base(), role: "assistant", sender: agent, origin, text, content };
  };

  return {
    ofStep({ message, text, derived, calls }) {
      const results = calls.map(({ id, name, output = "", failed = false, origin = "agent", picture }): NewEntry => {
        const content = withPicture(toolResult(id, name, output, failed), picture);
        return { ...base(), role: "tool", sender: name, origin, text: output, content };
      });
      return [own(text, (message as { content: unknown }).content, derived), ...results];
    },
    ofEnd({ reason, last }) {
      if (last) return [own(last.text, last.content, run.state.taints.length > 0)];
      // Something is always the last word: strict chat templates want one before the person's next.
      return [own("", reason === "stopped" ? "(Stopped.)" : "Done.", false)];
    },
  };
}
