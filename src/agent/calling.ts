import type { Memory } from "../memory/memory.ts";
import { isForeign } from "../origin.ts";
import type { OpenCall } from "../store/runs.ts";
import type { Tool, ToolContext } from "../tool.ts";
import type { AgentOptions, RunRequest } from "./agent.ts";
import { callTool, type ToolOutcome } from "./call-tool.ts";
import type { Guards } from "./guards.ts";
import type { View } from "./history.ts";
import { createLabels } from "./labels.ts";
import { journalNaming, sourceOf } from "./sources.ts";

export interface CallingOptions {
  agent: AgentOptions;
  request: RunRequest;
  guards: Guards;
  tools: ReadonlyMap<string, Tool>;
  /** What the model has before it now. */
  words(): Pick<View, "derived" | "owned">;
  /** The run holds text of foreign origin from now on: from where, in a phrase. */
  taint(source: string): void;
}

/** Gives a function that makes one call of one run, shows how it goes, and keeps in the run's state what came of it. */
export function createCalling(options: CallingOptions): (call: OpenCall) => Promise<ToolOutcome> {
  const { agent, request, guards, tools, words, taint } = options;
  const { name, store, timezone, now, log } = agent;
  const { run, session, model, signal, onEvent } = request;
  const chain = [...(request.askedBy ?? []), session.agent];
  /** How often another agent was asked in this run. */
  let asked = 0;
  const seen = new Map(Object.entries(run.state.seen));
  const memory: Memory = {
    ...agent.memory,
    search: (query, signal) => agent.memory.search({ ...query, exceptRun: run.id }, signal),
    journal: journalNaming(agent.memory.journal, () => run.state.taints),
  };
  const guard = createLabels({
    ...{ run, tools, words },
    ...{ namedBy: guards.namedBy(session), isPrivate: guards.isPrivate(run, session) },
  });

  /** All that the tool may reach in this call. */
  function contextOf(call: OpenCall, tainted: boolean): ToolContext {
    const { egress, git, searchEngine, reader } = agent;
    const workspace = agent.workspace.writingAs(() => (tainted ? "web" : "agent"));
    const sees = async (): Promise<boolean> => (await model.sees?.(signal).catch(() => false)) ?? false;
    const team = agent.teamOf({ chain, asked, tainted, signal });
    const progress = (text: string): void => onEvent({ type: "tool-progress", agent: name, call, text });
    return {
      ...{ workspace, memory, egress, git, searchEngine, reader, team, reply: request.reply },
      ...{ seen, tainted, sees, signal, progress, now, timezone, log },
    };
  }

  function keep(call: OpenCall, { origin, failed }: ToolOutcome): void {
    const tool = tools.get(call.name);
    const effects = failed ? [] : (tool?.effects ?? []);
    run.state.seen = Object.fromEntries(seen);
    run.state.effects = [...new Set([...run.state.effects, ...effects])];
    if (isForeign(origin)) taint(sourceOf(call, tool));
  }

  return async (call) => {
    onEvent({ type: "tool-start", agent: name, call });
    const began = performance.now();
    let waitedMs = 0;
    const tool = tools.get(call.name);
    const labels = guard.of(call);
    const context = contextOf(call, labels.length > 0);
    if (tool?.effects.includes("delegates")) asked++;
    const outcome = await callTool(call, {
      ...{ tools, context, run: run.id, asker: request.origin, ask: request.ask },
      ...{ labels, guard, taints: run.state.taints, approvals: store.approvals },
      audit: (decision) => agent.audit.record({ agent: session.agent, run: run.id, ...decision }),
      askMs: agent.askMs ?? 600_000,
      onBegin() {
        if (tool?.repeatable) return;
        call.state = "begun";
        store.runs.save(run);
      },
      onWaited(durationMs) {
        waitedMs += durationMs;
        run.state.workMs -= durationMs;
      },
    });
    keep(call, outcome);
    const { output, failed, refused } = outcome;
    const durationMs = performance.now() - began - waitedMs;
    onEvent({ type: "tool-end", agent: name, call, output, failed, refused, durationMs });
    return outcome;
  };
}
