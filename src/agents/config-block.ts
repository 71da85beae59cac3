import type { AgentPlan } from "../agent/team.ts";
import { type Config, loadConfig, saveConfig } from "../config/config.ts";

export type AgentBlock = Config["agents"][string];

/** An agent as the config has it; the tools that its maker does without are not its own either. */
export function blockFor(plan: AgentPlan, { "main-agent": main }: Config, account: Partial<AgentBlock>): AgentBlock {
  const { name, description, model, tainted } = plan;
  return {
    ...{ name, description, model, channel: main.channel, ...account },
    ...{ tainted, allowed: [], instructions: "", parameters: {}, verbose: main.verbose, reasoning: main.reasoning },
    tools: Object.fromEntries(Object.entries(main.tools).filter(([, on]) => !on)),
  };
}

/** Puts the block of an agent into the config, or takes it out: on the disk as it is now, and in memory. */
export async function changeConfig(
  home: string,
  config: Config,
  id: string,
  block: AgentBlock | undefined,
): Promise<void> {
  // Whatever the owner has written there since the start is kept.
  const stored = await loadConfig(home);
  if (block || Object.hasOwn(stored.agents, id)) {
    setBlock(stored, id, block);
    await saveConfig(home, stored);
  }
  setBlock(config, id, block);
}

function setBlock({ agents }: Config, id: string, block: AgentBlock | undefined): void {
  if (block) agents[id] = block;
  else delete agents[id];
}
