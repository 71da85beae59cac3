import type { AuditedDecision, AuditLabel } from "../audit.ts";
import type { Origin } from "../origin.ts";
import type { Ask } from "../reply.ts";
import type { Approvals } from "../store/approvals.ts";
import type { Tool, ToolContext } from "../tool.ts";
import { hashOf } from "./canonical.ts";
import type { ToolCall } from "./events.ts";
import type { Labels } from "./labels.ts";
import { decide, isClosedTo, ownersOnly, type WebRequest } from "./policy.ts";
import { questionFor } from "./question.ts";

export interface PermissionOptions {
  context: ToolContext;
  run: number;
  /** Who asked for the run. */
  asker: Origin;
  /** Undefined when nobody is there to ask. */
  ask: Ask | undefined;
  approvals: Approvals;
  /** How long a question stays open. */
  askMs: number;
  /** Why the call is decided as untrusted; `context.tainted` says that it is. */
  labels: readonly AuditLabel[];
  /** Where the foreign text in the run comes from. */
  taints: readonly string[];
  guard: Pick<Labels, "requestOf" | "opened">;
  /** Each decision, and what became of each question. @throws when it cannot be written down: then nothing is done. */
  audit(decision: Omit<AuditedDecision, "agent" | "run">): void;
  /** Time spent waiting for a person. */
  onWaited(durationMs: number): void;
}

/** Undefined when the call may run, else what to tell the model. */
export async function permission(
  tool: Tool,
  input: unknown,
  call: ToolCall,
  options: PermissionOptions,
): Promise<string | undefined> {
  const { context, asker, ask, guard } = options;
  const argumentsHash = hashOf(input);
  const note = (verdict: AuditedDecision["verdict"], labels: readonly AuditLabel[]): void =>
    options.audit({ tool: tool.name, effects: tool.effects, verdict, labels, argumentsHash });

  // Before the tool looks: what it finds, even that there is nothing, is none of their business.
  if (isClosedTo(asker, tool.effects)) {
    note("refuse", [...options.labels, "guest"]);
    return ownersOnly;
  }
  for (;;) {
    const question = await tool.confirm?.(input, context);
    const request = context.tainted ? await guard.requestOf(tool, input) : undefined;
    const others = tool.effects.includes("sends") ? ((await context.reply?.others()) ?? []) : [];
    const labels = labelsOf(options, request, others);
    const verdict = decide({
      ...{ effects: tool.effects, confirms: tool.confirm !== undefined, question, request, others, asker },
      ...{ tainted: context.tainted, someoneThere: ask !== undefined },
    });
    note(verdict.kind, labels);
    if (verdict.kind === "refuse") return verdict.reason;
    if (verdict.kind === "run") {
      if (request) guard.opened(request);
      return undefined;
    }
    if (!ask) return "Nobody is there to ask.";

    const contentHash = await tool.contentHash?.(input, context);
    const { address, query } = { address: tool.address?.(input), query: tool.query?.(input) };
    const text = questionFor({
      ...{ tool: tool.name, input, question, address, query },
      ...{ why: verdict.why, taints: options.taints },
    });
    const { decision, refusal } = await askOwner({ call, argumentsHash, contentHash, text }, tool, ask, options);
    note(decision, labels);
    if (refusal) return refusal;
    const asApproved =
      (await tool.confirm?.(input, context)) === question && (await tool.contentHash?.(input, context)) === contentHash;
    if (asApproved) return undefined;
    note("changed", labels);
  }
}

function labelsOf(
  { labels, asker, ask }: PermissionOptions,
  request: WebRequest | undefined,
  others: readonly string[],
): AuditLabel[] {
  const more: AuditLabel[] = [];
  if (request?.kind === "address") more.push(request.named ? `named-by-${request.named}` : "unnamed");
  if (request?.kind === "query" && request.isPrivate) more.push("private");
  if (others.length > 0) more.push("others-read");
  if (asker === "guest") more.push("guest");
  if (!ask) more.push("nobody-there");
  return [...labels, ...more];
}

async function askOwner(
  question: Parameters<Ask>[0],
  tool: Tool,
  ask: Ask,
  { context, approvals, askMs, run, onWaited }: PermissionOptions,
): Promise<{ decision: "yes" | "no" | "expired"; refusal?: string }> {
  const { call, argumentsHash, text } = question;
  const approval = approvals.open({ run, call: call.id, tool: tool.name, argumentsHash, question: text });
  const began = performance.now();
  const patience = AbortSignal.any([context.signal, AbortSignal.timeout(askMs)]);
  const decision = await ask(question, patience);
  onWaited(performance.now() - began);

  // A question that the end of the program closes stays open: the next start withdraws it, with word of it.
  if (context.signal.reason === "shutdown") throw context.signal.reason;
  if (context.signal.aborted) approvals.settle(approval, "expired");
  context.signal.throwIfAborted();
  // However the person's answer came, it came too late.
  if (decision === "expired" || patience.aborted) {
    approvals.settle(approval, "expired");
    const refusal = "The owner did not answer in time, so it was not done. Say so; do not try again.";
    return { decision: "expired", refusal };
  }
  if (decision === "yes") {
    approvals.settle(approval, "yes");
    return { decision };
  }
  approvals.settle(approval, "no", decision.no);
  const words = decision.no.trim() ? ` and said: "${decision.no.trim()}"` : "";
  return {
    decision: "no",
    refusal: `The owner said no${words}. It was not done. Respect that; do not try another way.`,
  };
}
