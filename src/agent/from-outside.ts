import type { Agent } from "./agent.ts";

/** The agent, with every run tainted from its beginning: `source` says by what. */
export function fromOutside(agent: Agent, source: string): Agent {
  return {
    ...agent,
    run(request) {
      const { taints } = request.run.state;
      if (!taints.includes(source)) taints.push(source);
      return agent.run(request);
    },
    taints: (session) => [...new Set([source, ...agent.taints(session)])],
  };
}
