import { type AskAgentOptions, type AskedAgent, type Asker, createAskAgent } from "./agent/ask-agent.ts";
import type { Team, TeamChanges, TeamMember } from "./agent/team.ts";

export interface TeamOptions extends AskAgentOptions {
  /** All that there are, by id; it changes as agents come and go. */
  agents: ReadonlyMap<string, TeamAgent>;
  /** What the main agent may do beside asking; bound to whether its run had read from outside. */
  changesFor?(asker: Asker): TeamChanges | undefined;
}

export interface TeamAgent extends AskedAgent {
  member(): TeamMember;
}

/** Gives each run of each agent its view of the others. */
export function createTeams({ agents, changesFor, ...options }: TeamOptions): (asker: Asker) => Team {
  const askAgent = createAskAgent(options);

  function find(name: string): TeamAgent {
    const wanted = name.trim().replace(/^@/, "").toLowerCase();
    const found = agents.get(wanted) ?? agents.values().find(({ agent }) => agent.name.toLowerCase() === wanted);
    if (found) return found;
    const names = [...agents.values()].map(({ agent }) => agent.name);
    throw new Error(`There is no agent named ${JSON.stringify(name)}. There are: ${names.join(", ")}.`);
  }

  return (asker) => ({
    list() {
      const members = [...agents.values()].map((one) => one.member());
      const own = members.filter(({ id }) => id === asker.id);
      const others = members.filter(({ id }) => id !== asker.id);
      return [...own, ...others.sort((a, b) => a.name.localeCompare(b.name))];
    },
    find: (name) => find(name).member(),
    ask: (name, question) => askAgent(find(name), question, asker),
    changes: changesFor?.(asker),
  });
}
