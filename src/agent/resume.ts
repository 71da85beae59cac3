import type { Run } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import type { Tool } from "../tool.ts";
import { interrupted } from "./messages.ts";

/**
 * Brings the calls that a killed program left under way to a state from which the run can go on: what may have happened
 * is not done again by code, what may be done again is, and a question that was open is withdrawn.
 * Gives one sentence for the person for each question that was withdrawn.
 */
export function settleInterrupted(
  run: Run,
  { approvals, runs }: Pick<Store, "approvals" | "runs">,
  tools: ReadonlyMap<string, Tool>,
): string[] {
  if (!run.openStep) return [];
  const withdrawn = approvals.withdraw(run.id);
  for (const call of run.openStep.calls) {
    if (call.state === "begun" && tools.get(call.name)?.repeatable) call.state = "new";
    else if (call.state === "begun") Object.assign(call, { state: "done", output: interrupted, failed: true });
    else if (withdrawn.some(({ call: id }) => id === call.id))
      Object.assign(call, { state: "done", output: withdrawal, failed: true });
  }
  runs.save(run);
  return withdrawn.map(({ question }) => `A restart withdrew this question: ${question}`);
}

const withdrawal =
  "Not done: the program was restarted while the owner was being asked. Make the call again if it is still wanted.";
