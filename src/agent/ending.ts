import { setImmediate as nextTurn } from "node:timers/promises";
import type { Agent } from "./agent.ts";

/** An agent that may be let go of while it works. */
export interface EndableAgent extends Agent {
  /** Ends all its runs, those that others have asked it for among them, and begins none any more. Resolves when they are over. */
  end(): Promise<void>;
}

export function createEndable(agent: Agent): EndableAgent {
  const ending = new AbortController();
  const underWay = new Set<Promise<unknown>>();

  return {
    ...agent,
    async run(request) {
      if (ending.signal.aborted) throw new Error(`${agent.name} is gone.`);
      const work = agent.run({ ...request, signal: AbortSignal.any([request.signal, ending.signal]) });
      const settled = work.catch(() => {}).finally(() => underWay.delete(settled));
      underWay.add(settled);
      return work;
    },
    async end() {
      ending.abort("stop");
      await Promise.all(underWay);
      // Whoever waited for them has stored what came of them.
      await nextTurn();
    },
  };
}
