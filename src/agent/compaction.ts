import type { ModelMessage } from "ai";
import type { Logger } from "../log.ts";
import { ModelError } from "../model-error.ts";
import type { LogEntry } from "../store/log.ts";
import type { Run } from "../store/runs.ts";
import type { Session } from "../store/sessions.ts";
import type { Store } from "../store/store.ts";
import type { Summary } from "../store/summaries.ts";
import type { Tool } from "../tool.ts";
import type { AgentModel } from "./agent.ts";
import { askModel, type ModelReply } from "./ask-model.ts";
import { readEarlier, viewOf } from "./history.ts";
import { newBeginning, readInView, sizeOf } from "./in-view.ts";
import { type QuietRunOptions, runQuietly } from "./quiet-run.ts";
import { summarise, whatLeaves } from "./summarise.ts";

export interface CompactionOptions {
  store: Pick<Store, "log" | "sessions" | "summaries" | "usage" | "transaction">;
  session: Session;
  run: Run;
  /** The agent's name. */
  name: string;
  model: AgentModel;
  /** As they stand in every request. */
  tools: ReadonlyMap<string, Tool>;
  /** Makes a call for the agent while it writes down what matters; undefined where it may not: others read along. */
  callTool: QuietRunOptions["callTool"] | undefined;
  /** A limit of the day is reached: the model is not asked for this. */
  dayIsOver(): boolean;
  onNotice(text: string): void;
  onWait(text: string): void;
  timezone: string;
  signal: AbortSignal;
  log: Logger;
}

export interface Compaction {
  /**
   * Makes room in the view of the session, which does not fit `budgetTokens`: the agent writes down what matters, then
   * the older part is summed up and leaves. When that cannot be had, the view stays as it is; whoever reads it cuts it.
   * Throws only the reason of the abort.
   */
  makeRoom(budgetTokens: number, instructions: string): Promise<void>;
}

/** How much of the budget one request for a summary may spend on what is to be summed up. */
const portionShare = 0.75;
/** And how many such requests there are for one kind of speaker: of what is older than that, nothing is summed up. */
const mostPortions = 4;
const quietMs = 120_000;
const summaryMs = 240_000;
const noticeMs = 2_000;
const notice = "Making room: I sum up the older part of this conversation, which no longer fits. Nothing is lost.";

export function createCompaction(options: CompactionOptions): Compaction {
  const { store, session, run, name, model, tools, timezone, signal, log } = options;

  async function makeRoom(budgetTokens: number, instructions: string): Promise<void> {
    const leaving = whatIsToLeave(budgetTokens);
    if (!leaving || options.dayIsOver()) return;
    const timer = setTimeout(() => options.onNotice(notice), noticeMs);
    const began = performance.now();
    try {
      const isThere = await writeDown(leaving, budgetTokens, instructions);
      if (isThere) await sumUp(leaving, budgetTokens, instructions);
    } finally {
      clearTimeout(timer);
      // The time is not spent on the message: it must not end the work on it.
      run.state.workMs -= performance.now() - began;
    }
  }

  /** What comes before the entry with which the view will begin, and stands in no summary yet; the newest of it. */
  function whatIsToLeave(budgetTokens: number): Leaving | undefined {
    const earlier = readEarlier({ ...store, session, budgetTokens });
    const { entries } = readInView({ ...store, session, run: run.id, budgetTokens: budgetTokens - earlier.tokens });
    const index = newBeginning(entries, run.id, budgetTokens);
    const first = entries[index];
    if (!first || index === 0) return undefined;

    const before = store.summaries.current(session.id);
    const mostTokens = budgetTokens * portionShare * mostPortions;
    const older: LogEntry[] = [];
    let tokens = 0;
    for (const entry of store.log.newestFirst(session.id, before?.until ?? 0)) {
      if (!comesBefore(entry, first)) continue;
      tokens += sizeOf(entry, run.id);
      if (tokens > mostTokens) break;
      older.push(entry);
    }
    older.reverse().sort((a, b) => (a.run ?? 0) - (b.run ?? 0));
    older.splice(
      0,
      older.findIndex(({ role }) => role !== "tool"),
    );
    const [oldest] = older;
    if (oldest?.run === run.id && oldest.role !== "user") older.unshift(...wordsBefore(oldest));
    return older.length > 0 ? { entries: older, before, until: first.id } : undefined;
  }

  /** What the run under way was asked, where its beginning has left the view before. */
  function wordsBefore(oldest: LogEntry): LogEntry[] {
    return store.log.ofRun(session.id, run.id).filter(({ id, role }) => role === "user" && id < oldest.id);
  }

  /** False when the model is not to be had at all. A failure here is only logged: the words stay in the log. */
  async function writeDown(leaving: Leaving, budgetTokens: number, instructions: string): Promise<boolean> {
    const { callTool } = options;
    if (!callTool || store.summaries.notedUntil(session.id) >= leaving.until) return true;
    const entries = newestThatFit(leaving.entries, run.id, budgetTokens * portionShare);
    if (entries.length === 0) return true;
    const patience = AbortSignal.any([signal, AbortSignal.timeout(quietMs)]);
    try {
      const made = await runQuietly({
        view: viewOf(entries, readEarlier({ ...store, session, budgetTokens }), { run: run.id, context: "" }),
        what: whatLeaves(entries, timezone),
        roomTokens: budgetTokens,
        ask: (messages) => ask({ messages, instructions, conclude: false }, patience),
        callTool(call, seen) {
          // After a crash in the middle the same is not written twice; what was not written yet is in the log.
          if (!tools.get(call.name)?.repeatable) store.summaries.setNotedUntil(session.id, leaving.until);
          return callTool(call, seen);
        },
      });
      log.info("Wrote down what matters before it leaves the view", { calls: made.map((call) => call.name) });
      return true;
    } catch (error) {
      signal.throwIfAborted();
      log.warn("Could not write down what matters before it leaves the view", { error });
      return !(error instanceof ModelError && isOutOfReach(error));
    }
  }

  async function sumUp(leaving: Leaving, budgetTokens: number, instructions: string): Promise<void> {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(summaryMs)]);
    const from = leaving.before?.from ?? leaving.entries[0]?.id ?? leaving.until;
    const { text: head } = readEarlier({ ...store, session, budgetTokens });
    const spansOf = (portionTokens: number) =>
      summarise({
        ...{ ...leaving, head, run: run.id, budgetTokens, portionTokens, timezone, signal: patience },
        ask: async (messages) => (await ask({ messages, instructions, conclude: true }, patience)).text,
      });
    try {
      const portionTokens = budgetTokens * portionShare;
      const spans = await spansOf(portionTokens).catch((error: unknown) => {
        if (error instanceof ModelError && error.kind === "context-too-long") return spansOf(portionTokens / 2);
        throw error;
      });
      store.transaction(() => {
        store.summaries.add({ session: session.id, from, until: leaving.until, spans });
        store.sessions.setViewFrom(session, leaving.until);
      });
      log.info("Summed up what left the view", { session: session.id, entries: leaving.entries.length });
    } catch (error) {
      signal.throwIfAborted();
      log.warn("Could not sum up what leaves the view", { error });
    }
  }

  async function ask(
    {
      messages,
      instructions,
      conclude,
    }: { messages: readonly ModelMessage[]; instructions: string; conclude: boolean },
    patience: AbortSignal,
  ): Promise<ModelReply> {
    const reply = await askModel({
      ...{ provider: model.provider, model: model.model, modelName: model.name, parameters: model.parameters },
      ...{ instructions, messages, tools, conclude, mayBeSilent: !conclude, signal: patience },
      onEvent: (event) => event.type === "model-wait" && options.onWait(event.text),
    });
    store.usage.add({ agent: name, model: model.name, ...reply.usage });
    return reply;
  }

  return { makeRoom };
}

interface Leaving {
  /** Oldest first. */
  entries: LogEntry[];
  /** The summary that holds until now. */
  before: Summary | undefined;
  /** The entry with which the view will begin. */
  until: number;
}

/** In the order of the view, which keeps runs apart. */
function comesBefore(entry: LogEntry, other: LogEntry): boolean {
  const [run, otherRun] = [entry.run ?? 0, other.run ?? 0];
  return run === otherRun ? entry.id < other.id : run < otherRun;
}

/** They begin with words of a person, as a conversation does. */
function newestThatFit(entries: readonly LogEntry[], run: number, tokens: number): LogEntry[] {
  let first = entries.length;
  let left = tokens;
  for (const [index, entry] of [...entries.entries()].reverse()) {
    left -= sizeOf(entry, run);
    if (left < 0) break;
    if (entry.role === "user") first = index;
  }
  return entries.slice(first);
}

function isOutOfReach({ kind }: ModelError): boolean {
  return ["unreachable", "unauthorized", "missing-model", "spend-limit", "rate-limited", "hung"].includes(kind);
}
