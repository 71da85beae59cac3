import { globSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../config/config.ts";
import type { Secrets } from "../config/secrets.ts";
import type { HomePaths } from "../home.ts";
import type { AgentChange } from "../store/agent-changes.ts";
import type { Store } from "../store/store.ts";
import type { AgentAccounts } from "./accounts.ts";
import { changeConfig } from "./config-block.ts";

export interface TakeAwayOptions {
  home: string;
  paths: Pick<HomePaths, "data" | "agents">;
  config: Config;
  secrets: Pick<Secrets, "remove">;
  store: Pick<Store, "agentChanges" | "agentRows">;
  accounts: Pick<AgentAccounts, "close">;
  /** Ends its runs, and its place in the channel. */
  close(agent: string): Promise<void>;
  /** Removes the vectors of its memory. */
  dropVectors(agent: string): Promise<void>;
  /** Removes the keys of all devices that an account had here. */
  removeDevices(userId: string): Promise<void>;
}

/** Takes all away that an agent is and has. Each part may be done again, so that what was broken off goes on from the beginning. */
export function createTakeAway(options: TakeAwayOptions) {
  const { home, paths, config, secrets, store, accounts } = options;
  const { agentChanges } = store;

  return {
    /** What is on this machine alone: it takes a moment, and the agent is gone then. */
    async here({ agent, kind, account }: AgentChange): Promise<void> {
      // The name of an account that is closed is never free again.
      if (kind === "create" && account) agentChanges.retire(agent, account.userId);
      agentChanges.step(agent, "ending");
      await options.close(agent);
      agentChanges.step(agent, "taking out of the config");
      await changeConfig(home, config, agent, undefined);
      agentChanges.step(agent, "removing what was said");
      store.agentRows.remove(agent);
      agentChanges.step(agent, "removing files");
      for (const path of filesOf(agent, paths)) await rm(path, { recursive: true, force: true });
      if (account) await options.removeDevices(account.userId);
    },

    /** What others have to answer for: a homeserver, a server of vectors. Throws while one of them is away. */
    async elsewhere({ agent, account, secrets: names }: AgentChange): Promise<void> {
      agentChanges.step(agent, "removing vectors");
      await options.dropVectors(agent);
      agentChanges.step(agent, "closing the account");
      if (account) await accounts.close(account);
      agentChanges.step(agent, "removing secrets");
      await secrets.remove(names);
      agentChanges.end(agent);
    },
  };
}

function filesOf(agent: string, { data, agents }: Pick<HomePaths, "data" | "agents">): string[] {
  // The copies that were made before a new version hold what every agent had said.
  const copies = globSync("memtrix.db.before-v*", { cwd: data }).map((name) => join(data, name));
  return [join(agents, agent), join(data, `chat-history-${agent}`), ...copies];
}
