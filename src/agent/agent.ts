import type { LanguageModel } from "ai";
import type { Audit } from "../audit.ts";
import type { Git } from "../egress/clone.ts";
import type { Egress } from "../egress/egress.ts";
import type { Logger } from "../log.ts";
import type { Memory } from "../memory/memory.ts";
import type { Origin } from "../origin.ts";
import type { Provider } from "../provider.ts";
import type { PageReader } from "../reader/reader.ts";
import type { Ask } from "../reply.ts";
import type { Workspace } from "../sandbox/workspace.ts";
import type { SearchEngine } from "../search-engine.ts";
import type { NewEntry } from "../store/log.ts";
import type { Run } from "../store/runs.ts";
import type { Session } from "../store/sessions.ts";
import type { Store } from "../store/store.ts";
import type { Tool, ToolContext } from "../tool.ts";
import type { Asker } from "./ask-agent.ts";
import { toolTokens } from "./ask-in-view.ts";
import type { ModelRequest } from "./ask-model.ts";
import { createAsking } from "./asking.ts";
import { createCalling } from "./calling.ts";
import { withoutPrivateFiles, withoutPrivateTools } from "./closed.ts";
import { createRunEntries } from "./entries.ts";
import type { AgentEvent, StopReason } from "./events.ts";
import { createGuards } from "./guards.ts";
import { readView, type View } from "./history.ts";
import { runLoop } from "./loop.ts";
import { defaultLimits, type RunLimits } from "./policy.ts";
import { buildInstructions, companyLine, contextBlock } from "./prompt.ts";
import { recollectionsFor } from "./recollections.ts";
import { settleInterrupted } from "./resume.ts";
import type { Team } from "./team.ts";
import { tokensIn } from "./tokens.ts";

/** Works messages through: a character, a memory, tools, and a model at a time. */
export interface Agent {
  readonly name: string;
  /** One line, read by the agent that may ask this one. */
  readonly description: string;
  /** Throws a ModelError when the model cannot be had, and the abort's reason when the program is closing. */
  run(request: RunRequest): Promise<RunResult>;
  /** A run of it is under way, in any conversation. */
  isWorking(): boolean;
  /** About how many tokens the next request in this session has: prompt, tools and what is in view. */
  requestTokens(session: Session): Promise<number>;
  /** Why the next request in this session holds text of foreign origin: one phrase for each source. */
  taints(session: Session): string[];
  /** Whether an address may stand in the answer of a tainted run as one that can be clicked: somebody has named it, whole. */
  isKnownAddress(run: Run): (address: string) => boolean;
}

export interface RunRequest {
  /** New, or taken up again after a crash: its messages are in the log. */
  run: Run;
  session: Session;
  model: AgentModel;
  /** Who asked. */
  origin: Origin;
  /** Others read along: what is private stays out of the request, and out of reach. */
  exposed?: boolean | undefined;
  /** Undefined when nobody is there to ask. */
  ask: Ask | undefined;
  /** The conversation, for the tools that send something to it. */
  reply?: ToolContext["reply"];
  /** The names of other agents that are in the conversation. */
  company?: readonly string[] | undefined;
  /** The ids of the agents that have asked one another up to here; empty when a person asks. */
  askedBy?: readonly string[];
  /** Its reason is "stop" when the person wants no more of it, "shutdown" when the program is closing. */
  signal: AbortSignal;
  onEvent(event: AgentEvent): void;
  /** Logs what the person has written meanwhile; true when there was something. */
  steer(): boolean;
}

export interface RunResult {
  reason: StopReason;
  /** The answer: markdown. */
  text: string;
  /** The end of the history, to be stored together with the answer. */
  entries: NewEntry[];
}

/** A model as one agent uses it. */
export interface AgentModel {
  /** As the owner calls it. */
  name: string;
  provider: Pick<Provider, "loadsModels" | "pullCommand" | "isWorking">;
  model: Exclude<LanguageModel, string>;
  parameters: NonNullable<ModelRequest["parameters"]>;
  /** Tokens that a request and its answer may hold together. */
  contextTokens(signal: AbortSignal): Promise<number>;
  /** Whether it can look at pictures; left out, it cannot. Throws only the reason of the signal. */
  sees?(signal: AbortSignal): Promise<boolean>;
  /** A sentence that every session begins with. */
  notice?: string | undefined;
}

export interface AgentOptions {
  name: string;
  description: string;
  /** The text of AGENT.md, read anew at every step. */
  frame(): Promise<string>;
  /** What it is for, in the words of its owner: stands at `{{PURPOSE}}`. */
  purpose?: string | undefined;
  memory: Memory;
  workspace: Workspace;
  egress: Egress;
  git: Git;
  searchEngine: SearchEngine;
  reader: PageReader;
  /** The other agents, for one run of this one. */
  teamOf(asker: Omit<Asker, "id" | "name">): Team;
  tools: ReadonlyMap<string, Tool>;
  store: Pick<Store, "log" | "heard" | "sessions" | "summaries" | "runs" | "approvals" | "usage" | "transaction">;
  audit: Audit;
  limits?: Partial<RunLimits>;
  /** The most tokens that recollections may have which an answer gets unasked; 0 for none. */
  recollectionTokens?: number;
  /** A limit of the day that is reached: a sentence for the person. */
  dayIsOver?(): string | undefined;
  /** How long a question stays open. */
  askMs?: number;
  timezone: string;
  now(): Date;
  log: Logger;
}

export function createAgent(options: AgentOptions): Agent {
  const { name, description, store, timezone, now, log } = options;
  const openTools = withoutPrivateTools(options.tools);
  const limits = { ...defaultLimits, ...options.limits };
  const guards = createGuards(options);
  const underWay = new Map<number, Run>();

  /** Read anew at every step: a core file that was written holds from the next one on. */
  const instructions = async (core = options.memory.core): Promise<string> =>
    buildInstructions({ name, frame: await options.frame(), core, purpose: options.purpose });

  async function run(request: RunRequest): Promise<RunResult> {
    const { run, session } = request;
    underWay.set(session.id, run);
    try {
      return await workThrough(request);
    } finally {
      underWay.delete(session.id);
    }
  }

  async function workThrough(request: RunRequest): Promise<RunResult> {
    const { run, session, signal, onEvent, exposed = false } = request;
    const tools = exposed ? openTools : options.tools;
    const isPrivate = !exposed && request.origin !== "guest";
    const core = isPrivate ? options.memory.core : withoutPrivateFiles(options.memory.core);
    const entries = createRunEntries(run, name, now);
    const taint = (source: string): void => {
      if (!run.state.taints.some((known) => known.startsWith(source))) run.state.taints.push(source);
    };
    const isTainted = (): boolean => run.state.taints.length > 0;
    let words: Pick<View, "derived" | "owned"> = { derived: [], owned: [] };
    const callTool = createCalling({
      ...{ agent: options, request, guards, tools, taint },
      words: () => words,
    });

    for (const text of settleInterrupted(run, store, tools)) onEvent({ type: "notice", agent: name, text });

    const tokens = isPrivate && request.origin === "owner" ? (options.recollectionTokens ?? 0) : 0;
    run.state.recollections ??= await recollectionsFor({
      ...{ memory: options.memory, history: store.log, session, run, tokens, signal, log },
    });
    const ask = createAsking({
      ...{ agent: options, request, guards, tools, isPrivate, instructions: () => instructions(core) },
      context: contextBlock(run.startedAt, timezone, companyLine(request.company), run.state.recollections),
      onLook(view) {
        for (const source of view.taints) taint(source);
        words = view;
      },
    });

    const result = await runLoop({
      ...{ run, limits, signal },
      dayIsOver: () => options.dayIsOver?.(),
      async askModel(how) {
        const reply = await ask(how);
        onEvent({ type: "step-end", agent: name, text: reply.text });
        return { ...reply, derived: isTainted() };
      },
      callTool,
      needNoComment: (calls) =>
        calls.every(
          ({ name, failed }) => !failed && tools.get(name)?.effects.some((effect) => !effect.startsWith("reads")),
        ),
      save: () => store.runs.save(run),
      commit: (step) =>
        store.transaction(() => {
          store.log.append(entries.ofStep(step));
          store.runs.save(run);
        }),
      steer: request.steer,
    });

    return { reason: result.reason, text: result.text, entries: entries.ofEnd(result) };
  }

  /** The session as it stands between two runs. */
  function viewNow(session: Session): View {
    const whole = { run: Number.POSITIVE_INFINITY, context: "", budgetTokens: Number.POSITIVE_INFINITY };
    return readView({ ...store, session, ...whole });
  }

  return {
    ...{ name, description, run },
    requestTokens: async (session) =>
      tokensIn(await instructions()) + toolTokens(options.tools) + viewNow(session).tokens,
    isWorking: () => underWay.size > 0,
    taints: (session) => underWay.get(session.id)?.state.taints ?? viewNow(session).taints,
    isKnownAddress(run) {
      const namedBy = guards.namedBy(store.sessions.get(run.session));
      return (address) => namedBy(address) !== undefined;
    },
  };
}
