import type { Tool } from "../tool.ts";
import type { AgentOptions, RunRequest } from "./agent.ts";
import { type AskInView, createAskInView } from "./ask-in-view.ts";
import type { ModelReply } from "./ask-model.ts";
import { withTrueClaims } from "./claims.ts";
import { createCompaction } from "./compaction.ts";
import type { Guards } from "./guards.ts";
import { readView, readViewThatFits, type View } from "./history.ts";
import { createPictures } from "./pictures.ts";
import { createQuietCall } from "./quiet-call.ts";

export interface AskingOptions {
  agent: AgentOptions;
  request: RunRequest;
  guards: Guards;
  /** As they stand in every request. */
  tools: ReadonlyMap<string, Tool>;
  /** The memory is open to this run: nobody reads along, and an owner or one of their agents asks. */
  isPrivate: boolean;
  /** Stands before the message of the run. */
  context: string;
  instructions(): Promise<string>;
  /** What the model has before it in the next request. */
  onLook(view: View): void;
}

/**
 * Gives a function that asks the model in one run: over as much of the session as its window holds, with room made where
 * that is less than there is, and with no answer that claims what was not done.
 */
export function createAsking(options: AskingOptions): (how: AskInView) => Promise<ModelReply> {
  const { request, guards, tools, isPrivate, context, onLook } = options;
  const { name, memory, store, audit, timezone, now, log } = options.agent;
  const { run, session, model, signal } = request;
  const onEvent = (event: { type: "notice" | "model-wait"; text: string }): void =>
    request.onEvent({ ...event, agent: name });

  const quietCall = createQuietCall({
    ...{ run, session, tools, asker: request.origin, memory, guards, audit, approvals: store.approvals },
    context: { signal, now, timezone, log },
  });
  const { makeRoom } = createCompaction({
    ...{ store, session, run, name, model, tools, timezone, signal, log },
    callTool: isPrivate ? quietCall : undefined,
    dayIsOver: () => options.agent.dayIsOver?.() !== undefined,
    onNotice: (text) => onEvent({ type: "notice", text }),
    onWait: (text) => onEvent({ type: "model-wait", text }),
  });
  const lookedAt = <Seen extends View | undefined>(view: Seen): Seen => {
    if (view) onLook(view);
    return view;
  };
  const askInView = createAskInView({
    ...{ model, tools, signal, makeRoom, instructions: options.instructions },
    showPictures: createPictures({
      ...{ workspace: options.agent.workspace, reader: options.agent.reader },
      sees: async () => (await model.sees?.(signal)) ?? false,
    }),
    viewThatFits: (budgetTokens) =>
      lookedAt(readViewThatFits({ ...store, session, run: run.id, context, budgetTokens })),
    view: (budgetTokens) => lookedAt(readView({ ...store, session, run: run.id, context, budgetTokens })),
    onEvent: (event) => request.onEvent({ ...event, agent: name }),
    onTooLong: () => log.info("The model's window is smaller than believed", { model: model.name }),
  });
  return withTrueClaims({
    async ask(how) {
      const reply = await askInView(how);
      store.usage.add({ agent: name, model: model.name, ...reply.usage });
      return reply;
    },
    effects: () => run.state.effects,
    canRemember: isPrivate,
    onVoid: () => request.onEvent({ type: "text-reset", agent: name }),
    signal,
  });
}
