import { createAgent } from "./agent/agent.ts";
import type { Asker } from "./agent/ask-agent.ts";
import { createEndable, type EndableAgent } from "./agent/ending.ts";
import { fromOutside } from "./agent/from-outside.ts";
import type { Team } from "./agent/team.ts";
import type { Audit } from "./audit.ts";
import type { Switches } from "./command/command.ts";
import type { Config } from "./config/config.ts";
import type { Git } from "./egress/clone.ts";
import type { Egress } from "./egress/egress.ts";
import { ConfigError } from "./errors.ts";
import type { Logger } from "./log.ts";
import type { Memory } from "./memory/memory.ts";
import { openMemory } from "./memory/open-memory.ts";
import type { Metrics } from "./metrics/metrics.ts";
import type { Models } from "./models.ts";
import type { MeaningSource } from "./open-meaning.ts";
import type { OrchestratedAgent } from "./orchestrator.ts";
import type { PageReader } from "./reader/reader.ts";
import { type Folder, openFolder } from "./sandbox/folder.ts";
import { openWorkspace, type Workspace } from "./sandbox/workspace.ts";
import type { SearchEngine } from "./search-engine.ts";
import type { Spending } from "./spending.ts";
import type { Store } from "./store/store.ts";
import type { TeamAgent } from "./team.ts";
import type { Tool } from "./tool.ts";

/** One agent with all that is its own. */
export interface OpenAgent extends OrchestratedAgent, TeamAgent {
  agent: EndableAgent;
  memory: Memory;
  workspace: Workspace;
  switches: Switches;
  /** The model that answers in a conversation: chosen for it, or for the agent. */
  modelName(conversation: string): string;
  /** Chooses it for the conversation, or for the agent when none is named. */
  chooseModel(name: string, conversation?: string): void;
}

/** What the config says of an agent; the main one's has no parameters of its own. */
export type AgentSection = Pick<
  Config["agents"][string],
  "name" | "description" | "model" | "channel" | "tools" | "verbose" | "reasoning"
> &
  Partial<Pick<Config["agents"][string], "parameters" | "user_id" | "instructions" | "tainted">>;

/** What all agents share. */
export interface SharedParts {
  config: Config;
  store: Store;
  models: Models;
  tools: ReadonlyMap<string, Tool>;
  egress: Egress;
  git: Git;
  searchEngine: SearchEngine;
  reader: PageReader;
  teamOf(asker: Asker): Team;
  spending: Spending;
  audit: Audit;
  now(): Date;
  log: Logger;
  /** Undefined while the config does not turn them on. */
  metrics: Metrics | undefined;
  /** Undefined where memories are searched by keyword alone. */
  meaning: MeaningSource | undefined;
  /** The main agent's files, USER.md among them. */
  owners: Folder;
}

/** The id of the main agent; its name is the owner's choice. */
export const mainAgent = "main";

/** Opens the agent whose files lie in `directory`. @throws ConfigError for a model that is not in the config. */
export async function openAgent(
  id: string,
  section: AgentSection,
  directory: string,
  {
    config,
    store,
    models,
    spending,
    tools,
    egress,
    git,
    searchEngine,
    reader,
    teamOf,
    audit,
    metrics,
    meaning,
    owners,
    now,
    log,
  }: SharedParts,
): Promise<OpenAgent> {
  const { timezone, limits } = config;
  const { settings } = store;
  models.use(section.model, section.parameters); // What does not fit its provider is told now, not at the first message.

  const folder = id === mainAgent ? owners : await openFolder(directory);
  const opened = openMemory({
    ...{ folder, directory, owners, tables: store.memory(id), timezone, now, log },
    halfLifeDays: config.memory.half_life_days,
    meaning:
      meaning &&
      (async () => ({
        ...{ agent: id, ...(await meaning.open()) },
        collection: {
          get: () => settings.get(id, "memory_collection"),
          set: (name) => settings.set(id, "memory_collection", name),
        },
      })),
  });
  const memory = metrics?.memory(id, opened) ?? opened;
  const workspace = openWorkspace({ folder, origins: store.fileOrigins(id) });
  const unwatched = createAgent({
    ...{ name: section.name, description: section.description, memory, workspace },
    store: { ...store, usage: metrics?.usage(id, store.usage) ?? store.usage },
    ...{ egress, git, searchEngine, reader, audit, timezone, now, log },
    teamOf: (asker) => teamOf({ id, name: section.name, ...asker }),
    async frame() {
      const text = await folder.read("AGENT.md");
      if (text) return text.toString("utf8");
      throw new ConfigError("AGENT.md is missing from the workspace: start Memtrix again to have it put back.");
    },
    purpose: [section.description, section.instructions].filter(Boolean).join("\n\n"),
    tools: new Map(
      [...tools].filter(([name, { mainOnly }]) => (id === mainAgent || !mainOnly) && section.tools[name] !== false),
    ),
    limits: { steps: limits.steps, calls: limits.calls, workMs: limits.run_minutes * 60_000 },
    recollectionTokens: config.memory.recollection_tokens,
    dayIsOver: spending.capReached,
  });
  const made = metrics?.agent(id, unwatched) ?? unwatched;
  const agent = createEndable(
    section.tainted ? fromOutside(made, "its instructions, made after reading outside") : made,
  );

  const modelName = (conversation: string): string => {
    const chosen = settings.get(`${id} ${conversation}`, "model") ?? settings.get(id, "model");
    // A model that was chosen in chat may have left the config since.
    return chosen !== undefined && chosen in config.models ? chosen : section.model;
  };
  /** The room chosen by `/sethome`, else the one it shares with its owner; the terminal where that is its channel. */
  function home(): string | undefined {
    if (config.channels[section.channel]?.type !== "matrix") return "cli:terminal";
    const room = settings.get(id, "direct_room");
    return settings.get(id, "home_room") ?? (room === undefined ? undefined : `${section.channel}:${room}`);
  }

  return {
    ...{ id, agent, memory, workspace, modelName, home },
    member: () => ({
      ...{ id, name: section.name, description: section.description, account: section.user_id },
      ...{ model: modelName(home() ?? id), state: agent.isWorking() ? "working" : "idle" },
      lastSeen: store.log.lastSaid(id),
    }),
    modelFor: (conversation) => models.use(modelName(conversation), section.parameters),
    chooseModel: (name, conversation) =>
      settings.set(conversation === undefined ? id : `${id} ${conversation}`, "model", name),
    switches: {
      get: (name) => (settings.get(id, name) ?? (section[name] ? "on" : "off")) === "on",
      set: (name, on) => settings.set(id, name, on ? "on" : "off"),
    },
  };
}
