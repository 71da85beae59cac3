import type { RunResult } from "./agent/agent.ts";
import { diskProblem, messageOf } from "./errors.ts";
import type { Logger } from "./log.ts";
import { ModelError } from "./model-error.ts";
import type { NewEntry } from "./store/log.ts";
import type { Run } from "./store/runs.ts";
import type { Session } from "./store/sessions.ts";

/** How a run ends that failed: the sentence is its answer, and stands in the history. */
export function failure(text: string, run: Run, session: Session, agent: string, at: Date): RunResult {
  const entry: NewEntry = {
    session: session.id,
    run: run.id,
    at,
    role: "assistant",
    sender: agent,
    origin: "agent",
    text,
  };
  return { reason: "failed", text, entries: [entry] };
}

/** How a run ends that was begun too often. */
export function giveUp(run: Run, session: Session, agent: string, at: Date): RunResult {
  const text = `I could not finish this: the program ended ${run.attempts - 1} times while I was at it. Write it again to have me try once more.`;
  return failure(text, run, session, agent, at);
}

/** What the person reads when something failed. */
export function sentenceFor(error: unknown, log: Logger): string {
  if (error instanceof ModelError) return error.message;
  log.error("Message failed", { error });
  return diskProblem(error) ?? `Something went wrong: ${messageOf(error)}`;
}

/** Nothing could be stored: the same may go well when there is room. */
export function isOfTheDisk(error: unknown): boolean {
  return diskProblem(error) !== undefined;
}
