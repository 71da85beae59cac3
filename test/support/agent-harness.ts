import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MockLanguageModelV4 } from "ai/test";
import { type AgentOptions, createAgent } from "../../src/agent/agent.ts";
import type { AgentEvent } from "../../src/agent/events.ts";
import { createAudit } from "../../src/audit.ts";
import type { InboundMessage } from "../../src/channel/channel.ts";
import type { CommandContext, SwitchName } from "../../src/command/command.ts";
import { commands } from "../../src/command/commands.ts";
import { createMasking, maskedForms } from "../../src/config/masking.ts";
import { discoverTools } from "../../src/discover-tools.ts";
import { openGit } from "../../src/egress/clone.ts";
import { createEgress } from "../../src/egress/egress.ts";
import { silent } from "../../src/log.ts";
import { openMemory } from "../../src/memory/open-memory.ts";
import { createOrchestrator } from "../../src/orchestrator.ts";
import type { Origin } from "../../src/origin.ts";
import { createPageReader } from "../../src/reader/reader.ts";
import type { Ask, OutboundFile, Question, Reply } from "../../src/reply.ts";
import { openFolder } from "../../src/sandbox/folder.ts";
import { openWorkspace } from "../../src/sandbox/workspace.ts";
import { createSearchEngine } from "../../src/search-engine.ts";
import { openStore } from "../../src/store/store.ts";
import { createTeams } from "../../src/team.ts";
import type { Tool } from "../../src/tool.ts";

export const toolsDirectory = join(import.meta.dirname, "../../tools");

export interface HarnessOptions {
  model: MockLanguageModelV4;
  /** Beside the real ones of `tools/`. */
  tools?: Tool[];
  agent?: Partial<AgentOptions>;
  window?: number;
  /** The model looks at pictures. */
  sees?: boolean;
  now?: () => Date;
  frame?: string;
  /** The provider's sentence at the beginning of a session. */
  notice?: string;
  /** Called when the model is chosen; may throw. */
  onModel?(): void;
  /** What may not go out, by name. */
  secrets?: Record<string, string>;
  /** A home to go on with, instead of a new one. */
  home?: string;
}

/** The real orchestrator, agent, store, memory, sandbox and tools over a temporary home; only the model is scripted. */
export async function openHarness(options: HarnessOptions) {
  const { model, window = 16_384, now = () => new Date("2026-11-20T14:05:00Z") } = options;
  const home = options.home ?? (await mkdtemp(join(tmpdir(), "memtrix-")));
  const store = openStore(join(home, "data"), now);
  const folder = await openFolder(join(home, "workspace"));
  const memory = openMemory({
    ...{ folder, directory: join(home, "workspace"), tables: store.memory("main") },
    ...{ now, timezone: "UTC", log: silent },
  });
  const { found } = await discoverTools(toolsDirectory);
  const reader = createPageReader();
  const agent = createAgent({
    ...{ name: "Memtrix", description: "", memory, store, now, timezone: "UTC", log: silent },
    workspace: openWorkspace({ folder, origins: store.fileOrigins("main") }),
    git: await openGit({ egress: createEgress({ allow: [] }), temporary: join(home, "data", "git") }),
    audit: createAudit(join(home, "data"), now),
    ...{ egress: createEgress({ allow: [] }), searchEngine: createSearchEngine(undefined), reader },
    frame: async () => options.frame ?? "You are {{NAME}}.\n\n{{USER}}",
    teamOf: (asker) => createTeams({ agents: new Map(), store, now })({ id: "main", name: "Memtrix", ...asker }),
    tools: new Map([...found, ...(options.tools ?? []).map((tool) => [tool.name, tool] as const)]),
    ...options.agent,
  });
  const on = new Set<SwitchName>();
  const switches = {
    get: (name: SwitchName) => on.has(name),
    set: (name: SwitchName, value: boolean) => void (value ? on.add(name) : on.delete(name)),
  };
  const commandContext = (): Omit<CommandContext, "commands" | "conversation"> => ({
    ...{ switches, memory, now, timezone: "UTC", usage: store.usage },
    caps: { tokensPerDay: null, costPerDay: null },
    models: { current: () => "scripted", available: () => [], choose() {} },
    status: async () => [["agent", "Memtrix"]],
  });
  const { notice } = options;
  const modelFor = () => {
    options.onModel?.();
    const sees = async () => options.sees ?? false;
    return { name: "scripted", provider: {}, model, notice, parameters: {}, contextTokens: async () => window, sees };
  };
  const forms = maskedForms(new Map(Object.entries(options.secrets ?? {})));
  const orchestrator = createOrchestrator({
    agents: new Map([["main", { agent, switches, modelFor }]]),
    ...{ commands, commandContext, store, masking: createMasking(() => forms), now, log: silent },
  });

  let nextEvent = 1;
  const files: OutboundFile[] = [];
  const reactions: string[] = [];
  /** Who reads along and is no owner. */
  const others: string[] = [];

  /** Says something as the owner; resolves when its run has ended and its answer is in the outbox. */
  function say(
    text: string,
    how: { ask?: Ask; origin?: Origin; sender?: string; onEvent?: (event: AgentEvent) => void } = {},
  ) {
    const { origin = "owner", sender = "owner" } = how;
    const said = { channel: "test", agent: "main", conversation: "test:room", sender, origin, text, at: now() };
    const inbox = store.inbox.add({ ...said, event: `${home} ${nextEvent++}` });
    if (inbox === undefined) throw new Error("known already");
    return hand({ ...said, inbox }, how);
  }

  function hand(message: InboundMessage, { ask, onEvent }: { ask?: Ask; onEvent?: (event: AgentEvent) => void } = {}) {
    const events: AgentEvent[] = [];
    const answered = Promise.withResolvers<void>();
    const done = (): boolean => !store.inbox.open("test").some(({ id }) => id === message.inbox);
    const unwatch = store.outbox.watch("test", () => done() && answered.resolve());
    const reply: Reply = {
      show(event) {
        events.push(event);
        onEvent?.(event);
        if (event.type === "run-end") answered.resolve();
      },
      render: (text) => [{ text }],
      sendFile: async (file) => void files.push(file),
      react: (emoji) => void reactions.push(emoji),
      others: async () => others,
      ...(ask ? { ask } : {}),
    };
    orchestrator.handle(message, reply);
    return answered.promise.then(() => {
      unwatch();
      return { events, answer: answers().at(-1) ?? "" };
    });
  }

  const answers = (): string[] => store.outbox.waiting("test").map(({ event }) => String(event.text));

  return {
    ...{ home, store, folder, memory, orchestrator, agent, model, say, hand, answers, files, reactions, others },
    /** What the model was sent at each call, as JSON. */
    prompts: () => model.doStreamCalls.map(({ prompt }) => prompt),
    async close(keep = false) {
      await orchestrator.drain(0);
      store[Symbol.dispose]();
      await reader[Symbol.asyncDispose]();
      if (!keep) await rm(home, { recursive: true, force: true });
    },
  };
}

/** Answers every question the same way, and keeps them. */
export function alwaysAnswer(decision: Awaited<ReturnType<Ask>>): { ask: Ask; questions: Question[] } {
  const questions: Question[] = [];
  return {
    questions,
    async ask(question) {
      questions.push(question);
      return decision;
    },
  };
}
