import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { AgentPlan, AgentWish, TeamChanges, TeamMember } from "../agent/team.ts";
import { prepareAgentFiles } from "../agent-files.ts";
import { placeholder } from "../config/schema.ts";
import type { Secrets } from "../config/secrets.ts";
import { messageOf } from "../errors.ts";
import type { HomePaths } from "../home.ts";
import type { Logger } from "../log.ts";
import { oneAtATime } from "../one-at-a-time.ts";
import type { AgentChange, ChangedAccount } from "../store/agent-changes.ts";
import type { AgentAccounts, GivenLogin } from "./accounts.ts";
import { type AgentBlock, blockFor, changeConfig } from "./config-block.ts";
import { planAgent, secretNames } from "./plan.ts";
import { createTakeAway, type TakeAwayOptions } from "./take-away.ts";

export interface AgentChangesOptions extends TakeAwayOptions {
  paths: HomePaths;
  secrets: Secrets;
  accounts: AgentAccounts;
  /** Opens the agent that now stands in the config, and gives it its place in the channel. */
  open(agent: string): Promise<TeamMember>;
  log: Logger;
}

/** Makes agents and unmakes them: wholly, or not at all, however the program ends. */
export interface AgentMaking extends AsyncDisposable {
  /** `tainted`: the wish comes from a run that had read from outside. */
  changes(run: { tainted: boolean }): TeamChanges;
  /** Makes one with an account that is there already. */
  createWith(wish: AgentWish, login: GivenLogin): Promise<TeamMember>;
  /** Ends what an earlier program was in the middle of: an agent that was being made is undone. Before any agent is opened. */
  settle(): Promise<void>;
}

const patienceMs = 5_000;

export function createAgentMaking(options: AgentChangesOptions): AgentMaking {
  const { home, paths, config, secrets, store, accounts, log } = options;
  const { agentChanges } = store;
  const takeAway = createTakeAway(options);
  const closing = new AbortController();
  const retrying = new Set<Promise<void>>();
  /** They write the same files. */
  const turns = oneAtATime();

  function plan(wish: AgentWish, tainted: boolean): AgentPlan {
    const taken = [...agentChanges.former(), ...agentChanges.open()].map(({ agent }) => agent);
    return planAgent(wish, { config, secrets, taken: new Set(taken), tainted });
  }

  async function create(plan: AgentPlan, account: ChangedAccount | undefined, given?: GivenLogin): Promise<TeamMember> {
    const { id, name, description, instructions } = plan;
    agentChanges.begin({ agent: id, kind: "create", account, secrets: Object.values(secretNames(id)) });
    try {
      agentChanges.step(id, "making the account");
      const login =
        account && (given ? await accounts.take(id, account, given) : await accounts.make(id, name, account));
      agentChanges.step(id, "making files");
      await prepareAgentFiles(join(paths.agents, id), description, paths.workspace, instructions);
      agentChanges.step(id, "putting into the config");
      await changeConfig(home, config, id, blockFor(plan, config, login ?? {}));
      agentChanges.step(id, "opening");
      const member = await options.open(id);
      agentChanges.end(id);
      return member;
    } catch (error) {
      log.error("An agent could not be made: all of it is undone", { agent: id, error });
      await undo(id).catch((left) => log.error("What there is of it could not be undone", { agent: id, error: left }));
      throw error;
    }
  }

  async function undo(id: string): Promise<void> {
    const change = agentChanges.open().find(({ agent }) => agent === id);
    if (!change) return;
    await takeAway.here(change);
    await takeAway.elsewhere(change).catch((error) => retry(change, error));
  }

  async function remove(id: string): Promise<void> {
    const block = config.agents[id];
    if (!block) throw new Error(`There is no agent ${id} that could be removed.`);
    const [account, own] = [accountIn(block), secretsOf(id, block)];
    agentChanges.begin({ agent: id, kind: "delete", account, secrets: own });
    const change: AgentChange = { agent: id, kind: "delete", account, secrets: own, step: "begun" };
    await takeAway.here(change);
    try {
      await takeAway.elsewhere(change);
    } catch (error) {
      retry(change, error);
      throw new Error(
        `${block.name} is gone from here, but not all of it elsewhere: ${messageOf(error)} It is tried again until it is done.`,
        { cause: error },
      );
    }
  }

  function accountIn({ channel, user_id: userId, access_token: accessToken, password }: AgentBlock) {
    const section = config.channels[channel];
    if (section?.type !== "matrix" || !userId || !accessToken) return undefined;
    return { homeserver: section.homeserver, userId: secrets.resolve(userId), accessToken, password };
  }

  /** Those that its block names, and nothing else in the config. */
  function secretsOf(id: string, block: AgentBlock): string[] {
    const { [id]: _, ...others } = config.agents;
    const inUse = JSON.stringify({ ...config, agents: others });
    return [block.access_token, block.recovery_key, block.password].flatMap((value = "") => {
      const name = placeholder.exec(value)?.[1];
      return name === undefined || inUse.includes(`"$${name}"`) ? [] : [name];
    });
  }

  /** In the background, until it is done or the program ends; then the next start goes on. */
  function retry(change: AgentChange, error?: unknown): void {
    if (error) log.warn("Something of an agent is still there", { agent: change.agent, error });
    const { signal } = closing;
    const work = (async () => {
      for (let waitMs = error ? 5_000 : 0; !signal.aborted; waitMs = Math.min(Math.max(waitMs * 2, 5_000), 300_000)) {
        // What is left from before is tried at once, also by a program that ends soon.
        if (waitMs > 0) await sleep(waitMs, undefined, { signal, ref: false });
        try {
          return await takeAway.elsewhere(change);
        } catch (again) {
          log.warn("Something of an agent is still there", { agent: change.agent, error: again });
        }
      }
    })();
    const settled = work.catch(() => {}).finally(() => retrying.delete(settled));
    retrying.add(settled);
  }

  return {
    changes: ({ tainted }) => ({
      plan(wish) {
        const planned = plan(wish, tainted);
        accounts.planned(planned.id);
        return planned;
      },
      create: (plan) => turns.do(() => create(plan, accounts.planned(plan.id))),
      delete: (id) => turns.do(() => remove(id)),
    }),
    createWith: (wish, login) =>
      turns.do(async () => {
        const planned = plan(wish, false);
        return create(planned, await accounts.given(planned.id, login), login);
      }),
    async settle() {
      for (const change of agentChanges.open()) {
        log.info("An agent was being made or removed when the program ended", {
          agent: change.agent,
          step: change.step,
        });
        await takeAway.here(change);
        retry(change);
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      await turns.settled();
      // A homeserver that does not answer holds up no end: the next start goes on.
      await Promise.race([Promise.all(retrying), sleep(patienceMs, undefined, { ref: false })]);
    },
  };
}
