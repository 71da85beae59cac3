import type { Store } from "../store/store.ts";
import type { ToolOutput } from "../tool.ts";
import type { Agent, AgentModel } from "./agent.ts";

/** One agent, as another one may ask it. */
export interface AskedAgent {
  readonly id: string;
  agent: Agent;
  modelFor(conversation: string): AgentModel;
  /** Where it talks with its owner; undefined when they have not met. */
  home(): string | undefined;
}

/** Who asks. */
export interface Asker {
  id: string;
  name: string;
  /** The ids of those who have asked one another up to here, the first asker first; the one who asks now is the last. */
  chain: readonly string[];
  /** How many it has asked in this run. */
  asked: number;
  tainted: boolean;
  signal: AbortSignal;
}

export interface AskAgentOptions {
  store: Pick<Store, "log" | "sessions" | "runs" | "transaction">;
  now(): Date;
  limits?: Partial<AskLimits>;
}

export interface AskLimits {
  /** How many may stand in a chain behind the first asker. */
  depth: number;
  /** How many one run may ask. */
  perRun: number;
  timeoutMs: number;
}

export const defaultAskLimits: AskLimits = { depth: 2, perRun: 5, timeoutMs: 5 * 60_000 };

/**
 * Gives a function that has one agent work on the question of another, in the session that is kept for the two. Nobody
 * is there to ask, so what would ask is refused. Taint goes along with the question, and comes back with the answer.
 */
export function createAskAgent({ store, now, ...options }: AskAgentOptions) {
  const limits = { ...defaultAskLimits, ...options.limits };
  /** The work under way in each such session: one at a time. */
  const busy = new Map<string, Promise<unknown>>();

  return async function askAgent(target: AskedAgent, question: string, asker: Asker): Promise<ToolOutput> {
    const { name } = target.agent;
    if (target.id === asker.id) throw new Error("That is you yourself.");
    if (asker.chain.includes(target.id)) throw new Error(`${name} waits for this answer itself: do without.`);
    if (asker.chain.length > limits.depth)
      throw new Error("You were asked by an agent that was asked itself: answer with what you know.");
    if (asker.asked >= limits.perRun)
      throw new Error(`This run has asked ${limits.perRun} times: go on with what you have.`);

    const conversation = `agent:${asker.id}`;
    const key = `${target.id} ${conversation}`;
    const signal = AbortSignal.any([asker.signal, AbortSignal.timeout(limits.timeoutMs)]);
    while (busy.has(key)) await unlessAborted(busy.get(key), signal, name);
    const work = answer(target, conversation, question, asker, signal);
    const settled = work.catch(() => {}).finally(() => busy.delete(key));
    busy.set(key, settled);
    return work;
  };

  async function answer(
    target: AskedAgent,
    conversation: string,
    question: string,
    asker: Asker,
    signal: AbortSignal,
  ): Promise<ToolOutput> {
    const { agent } = target;
    const { run, session } = begin(target, conversation, question, asker);
    try {
      const result = await agent.run({
        ...{ run, session, signal, model: target.modelFor(conversation), origin: "agent", ask: undefined },
        ...{ onEvent: () => {}, steer: () => false, askedBy: asker.chain },
      });
      const tainted = run.state.taints.length > 0;
      store.transaction(() => {
        store.log.append(result.entries);
        store.runs.end(run, result.reason);
        if (result.text)
          noteAtHome(target, `${asker.name} asked you: ${question}\n\nYou answered: ${result.text}`, tainted);
      });
      asker.signal.throwIfAborted();
      if (signal.aborted) throw new Error(`${agent.name} did not answer within ${limits.timeoutMs / 60_000} minutes.`);
      return { text: result.text || `${agent.name} has nothing to say to that.`, origin: tainted ? "web" : "agent" };
    } catch (error) {
      store.runs.end(run, "failed");
      throw error;
    }
  }

  function begin(target: AskedAgent, conversation: string, question: string, asker: Asker) {
    const introduction = `[${asker.name}, another agent of your owner, asks you this. Your answer goes to it, and not to a person.]`;
    return store.transaction(() => {
      const session = store.sessions.current(target.id, conversation);
      const run = store.runs.begin(session.id);
      if (asker.tainted) run.state.taints.push(`the question of ${asker.name}, which had read from outside`);
      store.runs.save(run);
      store.log.append([
        {
          ...{ session: session.id, run: run.id, at: now(), role: "user", sender: asker.name },
          ...{ origin: asker.tainted ? "derived" : "agent", text: `${introduction}\n\n${question}` },
        },
      ]);
      return { run, session };
    });
  }

  /** So that it can tell its owner what it was asked. */
  function noteAtHome(target: AskedAgent, text: string, tainted: boolean): void {
    const home = target.home();
    if (home === undefined) return;
    const session = store.sessions.current(target.id, home);
    store.log.append([
      {
        ...{ session: session.id, run: undefined, at: now(), role: "user", sender: "Memtrix" },
        ...{ origin: tainted ? "derived" : "agent", text: `[A note, not a message of your owner. ${text}]` },
      },
    ]);
  }
}

async function unlessAborted(work: Promise<unknown> | undefined, signal: AbortSignal, name: string): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(new Error(`${name} is busy with another question of yours.`));
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
