import type { Audit } from "../audit.ts";
import type { Memory } from "../memory/memory.ts";
import type { Origin } from "../origin.ts";
import type { Approvals } from "../store/approvals.ts";
import type { Run } from "../store/runs.ts";
import type { Session } from "../store/sessions.ts";
import type { Tool, ToolContext } from "../tool.ts";
import { callTool } from "./call-tool.ts";
import type { Guards } from "./guards.ts";
import { createLabels } from "./labels.ts";
import type { QuietRunOptions } from "./quiet-run.ts";
import { journalNaming } from "./sources.ts";

export interface QuietCallOptions {
  run: Run;
  session: Session;
  tools: ReadonlyMap<string, Tool>;
  /** Who asked for the run. */
  asker: Origin;
  memory: Memory;
  guards: Guards;
  approvals: Approvals;
  audit: Audit;
  context: Pick<ToolContext, "signal" | "now" | "timezone" | "log">;
}

/** Makes the calls of a quiet run: as in any run, but that nobody is asked, and that it is tainted by what it sees alone. */
export function createQuietCall(options: QuietCallOptions): QuietRunOptions["callTool"] {
  const { run, session, tools, asker, guards, approvals, audit } = options;
  const seen: ToolContext["seen"] = new Map();

  return async (call, view) => {
    const quiet: Run = { ...run, state: { ...run.state, taints: [...view.taints] }, openStep: undefined };
    const guard = createLabels({
      ...{ run: quiet, tools, words: () => view },
      ...{ namedBy: guards.namedBy(session), isPrivate: guards.isPrivate(run, session) },
    });
    const labels = guard.of(call);
    const journal = journalNaming(options.memory.journal, () => view.taints);
    const context = { ...options.context, memory: { ...options.memory, journal }, seen, tainted: labels.length > 0 };
    return callTool(call, {
      // The tools of the memory, which alone are called here, reach no more than this.
      ...{ tools, context: context as Partial<ToolContext> as ToolContext },
      ...{ run: run.id, asker, ask: undefined, askMs: 0, labels, guard, taints: view.taints, approvals },
      audit: (decision) => audit.record({ agent: session.agent, run: run.id, ...decision }),
      onBegin() {},
      onWaited() {},
    });
  };
}
