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
  /** What would leave for the web; undefined when the tool does not say, or the run is clean and it does not matter. */
  request: WebRequest | undefined;
  /** Those who read along and are no owners. */
  others: readonly string[];
  /** Who asked for the run. */
  asker: Origin;
  someoneThere: boolean;
}

/** What is known of that which a call would send out. */
export type WebRequest =
  | {
      kind: "address";
      /** Who named it, whole. */
      named: "owner" | "result" | undefined;
      /** Its registrable domain. */
      domain: string;
      /** How many addresses that only results named this run has opened: there, and in all. */
      openedThere: number;
      openedInAll: number;
    }
  /** `isPrivate`: it shares words with what is the owner's own. */
  | { kind: "query"; characters: number; isPrivate: boolean };

/** What may happen with one call. `why`: for the owner, where the call itself does not say it. `reason`: for the model. */
export type Verdict = { kind: "run" } | { kind: "ask"; why: string | undefined } | { kind: "refuse"; reason: string };

/** Decides one call: run it, ask the owner first, or refuse it. It assumes that the model has been talked over. */
export function decide(situation: Situation): Verdict {
  const { effects, question, tainted, request, asker, someoneThere } = situation;
  if (isClosedTo(asker, effects)) return { kind: "refuse", reason: ownersOnly };
  if (tainted && request?.kind === "query" && request.characters > longestQuery)
    return {
      kind: "refuse",
      reason: `A query has at most ${longestQuery} characters: search for a few telling words.`,
    };

  const needs = effects.map((effect) => needFor(effect, situation)).filter((need) => need !== undefined);
  if (question === undefined && needs.length === 0) return { kind: "run" };
  if (asker === "guest") return { kind: "refuse", reason: ownersOnly };
  if (someoneThere) return { kind: "ask", why: needs.filter(Boolean).join(" ") || undefined };
  return { kind: "refuse", reason: "This needs the owner's yes, and nobody is there to ask." };
}

/** A guest may use only tools without effects. Told from the tool alone: the call is not looked at. */
export function isClosedTo(asker: Origin, effects: readonly Effect[]): boolean {
  return asker === "guest" && effects.length > 0;
}

export const ownersOnly = "Only the owner may have this done.";

const longestQuery = 256;
const mostOpened = { there: 3, inAll: 10 };

/**
 * The table of effects: why one of them alone calls for a question, in a sentence for the owner; empty where the call
 * speaks for itself, undefined where there is nothing to ask.
 */
function needFor(effect: Effect, { tainted, confirms, question, request, others }: Situation): string | undefined {
  switch (effect) {
    case "reads-private":
    case "remembers":
    case "reacts":
    case "delegates":
      return undefined;
    case "reads-web":
      return tainted ? needForRequest(request) : undefined;
    case "writes":
      return tainted && !confirms ? "" : undefined;
    case "sends":
      if (others.length === 0) return tainted ? "" : undefined;
      return others.every((id) => question?.includes(id)) ? "" : `These people read along: ${others.join(", ")}.`;
    case "privileged":
      return tainted || !confirms ? "" : undefined;
    default:
      // destroys, and any word that is not known here.
      return "";
  }
}

function needForRequest(request: WebRequest | undefined): string | undefined {
  if (!request) return "What leaves with it cannot be told.";
  if (request.kind === "query")
    return request.isPrivate ? "There are words in it from your files, your memory or what you told me." : undefined;
  const { named, domain, openedThere, openedInAll } = request;
  if (named === undefined) return "Neither you nor a page has named this address as it is.";
  if (named === "owner") return undefined;
  if (openedInAll >= mostOpened.inAll) return `I have opened ${mostOpened.inAll} addresses unasked in this run.`;
  if (openedThere < mostOpened.there) return undefined;
  return `I have opened ${mostOpened.there} addresses of ${domain} unasked in this run.`;
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
