import type { Origin } from "../origin.ts";
import type { RunState } from "../store/runs.ts";
import type { Effect } from "../tool.ts";

/** Everything a decision depends on. None of it comes from the model. */
export interface Situation {
  effects: readonly Effect[];
  /** The tool has a `confirm` of its own, which has looked at this call. */
  confirms: boolean;
  /** What that `confirm` wants to be asked. */
  question: string | undefined;
  tainted: boolean;
  /** Who asked for the run. */
  asker: Origin;
  someoneThere: boolean;
}

/** What may happen with one call. `refuse`: the reason is for the model. */
export type Verdict = { kind: "run" } | { kind: "ask" } | { kind: "refuse"; reason: string };

/** Decides one call: run it, ask the owner first, or refuse it. It assumes that the model has been talked over. */
export function decide(situation: Situation): Verdict {
  const { effects, question, asker, someoneThere } = situation;
  if (isClosedTo(asker, effects)) return { kind: "refuse", reason: ownersOnly };

  const mustAsk = question !== undefined || effects.some((effect) => needsQuestion(effect, situation));
  if (!mustAsk) return { kind: "run" };
  if (asker === "guest") return { kind: "refuse", reason: ownersOnly };
  if (someoneThere) return { kind: "ask" };
  return { kind: "refuse", reason: "This needs the owner's yes, and nobody is there to ask." };
}

/** A guest may use only tools without effects. Told from the tool alone: the call is not looked at. */
export function isClosedTo(asker: Origin, effects: readonly Effect[]): boolean {
  return asker === "guest" && effects.length > 0;
}

export const ownersOnly = "Only the owner may have this done.";

/** The table of effects: whether one of them alone calls for a question. */
function needsQuestion(effect: Effect, { tainted, confirms }: Situation): boolean {
  switch (effect) {
    case "reads-private":
    case "remembers":
    case "reacts":
    case "delegates":
      return false;
    case "writes":
      return tainted && !confirms;
    case "sends":
      return tainted;
    case "privileged":
      return tainted || !confirms;
    default:
      // reads-web, destroys, and any word that is not known here.
      return true;
  }
}

export interface RunLimits {
  /** Model calls with tools; then one more, without, that must conclude. */
  steps: number;
  calls: number;
  /** Working time; waiting for a person is not work. */
  workMs: number;
  refusals: number;
  /** How often one call may come with the same arguments and the same result. */
  repeats: number;
}

export const defaultLimits: RunLimits = { steps: 10, calls: 25, workMs: 600_000, refusals: 5, repeats: 3 };

/** The run has used up its tool calls: the next model call must conclude. */
export function mustConclude(state: RunState, limits: RunLimits): boolean {
  return state.steps >= limits.steps || state.calls >= limits.calls;
}

/** Why the run must end here, in a sentence for the person; undefined while it may go on. */
export function reasonToEnd(state: RunState, limits: RunLimits): string | undefined {
  if (state.workMs >= limits.workMs)
    return `I stopped: this took more than ${Math.round(limits.workMs / 60_000)} minutes of work. Say "go on" if I should continue.`;
  if (state.refusals >= limits.refusals)
    return `I stopped: ${limits.refusals} calls were refused in this run. Tell me how you want it done instead.`;
  if (Object.values(state.repeats).some((count) => count >= limits.repeats))
    return `I stopped: I made the same call ${limits.repeats} times with the same result, so I was going in circles. Tell me how to go on.`;
  return undefined;
}
