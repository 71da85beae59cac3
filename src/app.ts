import { readFileSync } from "node:fs";
import { join } from "node:path";
import { copyTemplates } from "../onboard/write.ts";
import { prepareAgentFiles } from "./agent-files.ts";
import type { AgentHome } from "./agents/agent-home.ts";
import { type AgentMaking, createAgentMaking } from "./agents/changes.ts";
import { createMatrixAccounts } from "./agents/matrix-accounts.ts";
import { createAudit } from "./audit.ts";
import type { Channel, InboundMessage } from "./channel/channel.ts";
import type { CommandContext } from "./command/command.ts";
import { commands } from "./command/commands.ts";
import { type Config, loadConfig } from "./config/config.ts";
import { loadSecrets, type Secrets } from "./config/secrets.ts";
import { discoverProviders } from "./discover-providers.ts";
import { discoverTools } from "./discover-tools.ts";
import { openGit } from "./egress/clone.ts";
import { checkout, homePaths } from "./home.ts";
import { createLogger, type LogFormat, type Logger, type LogLevel } from "./log.ts";
import { matrixKeys, newRecoveryKey } from "./matrix-keys.ts";
import { dropCollections } from "./memory/collections.ts";
import { createModels } from "./models.ts";
import { type AgentSection, mainAgent, type OpenAgent, openAgent, type SharedParts } from "./open-agent.ts";
import { openEgress } from "./open-egress.ts";
import { createMeaningSource } from "./open-meaning.ts";
import { createOrchestrator, type Orchestrator } from "./orchestrator.ts";
import { createPageReader } from "./reader/reader.ts";
import { openFolder } from "./sandbox/folder.ts";
import { createSearchEngine } from "./search-engine.ts";
import { createSpending } from "./spending.ts";
import { statusLines } from "./status.ts";
import { installationOf } from "./store/installation.ts";
import { takeOwnerLock } from "./store/owner-lock.ts";
import { openStore, type Store } from "./store/store.ts";
import { createTeams } from "./team.ts";

export { mainAgent } from "./open-agent.ts";

/** The whole program, opened. Disposing of it closes everything in the reverse order. */
export interface App extends AsyncDisposable {
  config: Config;
  secrets: Secrets;
  store: Store;
  /** By id; the main one's is `main`. */
  agents: ReadonlyMap<string, OpenAgent>;
  /** Makes and unmakes agents. */
  making: AgentMaking;
  orchestrator: Orchestrator;
  log: Logger;
  /** Begins with a channel; it is stopped and closed with the rest. `home`: where agents that are made find their place. */
  connect(channel: Channel, home?: AgentHome): Promise<void>;
}

export interface AppOptions {
  home: string;
  /** What this process is, for the one who finds the lock taken: "memtrix chat". */
  holder: string;
  /** Takes one line of the log. */
  writeLog(line: string): void;
  logLevel?: LogLevel;
  logFormat?: LogFormat;
  now?(): Date;
}

/** How long a run may go on when the program is closing; then it is left for the next start. */
const graceMs = 5_000;

/** @throws ConfigError for everything that the owner can mend. */
export async function openApp(options: AppOptions): Promise<App> {
  const { home, holder, now = () => new Date() } = options;
  await using opening = new AsyncDisposableStack();
  const config = await loadConfig(home);
  const secrets = loadSecrets(home);
  const { writeLog: write, logLevel: level, logFormat: format } = options;
  const log = createLogger({ write, mask: secrets.mask, now, ...(level && { level }), ...(format && { format }) });
  for (const warning of secrets.warnings) log.warn(warning);

  // The program ends as it would without this; the log should say by what.
  const noteFault = (error: unknown): void => log.error("Ended by a fault that nothing caught", { error });
  process.on("uncaughtExceptionMonitor", noteFault);
  opening.defer(() => void process.off("uncaughtExceptionMonitor", noteFault));

  const paths = homePaths(home, config["workspace-directory"]);
  opening.use(takeOwnerLock(paths.data, holder, now()));
  const store = opening.use(openStore(paths.data, now));

  const [tools, providers] = await Promise.all([discoverTools(paths.tools), discoverProviders(paths.providers)]);
  const problems = [
    ...tools.problems.map((problem) => `tools/${problem}`),
    ...providers.problems.map((problem) => `providers/${problem}`),
  ];
  for (const problem of problems) log.warn("Left out", { problem });
  const models = createModels(config, providers.found, secrets, log);

  const main = config["main-agent"];
  const { timezone, limits } = config;
  await copyTemplates(paths.workspace);
  const egress = openEgress(config, secrets);
  const agents = new Map<string, OpenAgent>();
  const { model: embeddingModel, chroma_url: chroma } = config.memory;
  const meaning =
    embeddingModel === null
      ? undefined
      : opening.use(
          createMeaningSource({
            settings: { model: embeddingModel, chromaUrl: secrets.resolve(chroma) ?? undefined },
            installation: () => installationOf(store.settings),
            ...{ directory: paths.data, log },
          }),
        );
  opening.defer(async () => {
    await Promise.all([...agents.values()].map(({ memory }) => memory[Symbol.asyncDispose]()));
  });
  const channels: Channel[] = [];
  const metrics = config.metrics
    ? (await import("./metrics/metrics.ts")).createMetrics({
        ...{ waiting: () => orchestrator.waiting(), channels: () => channels, now },
      })
    : undefined;
  const audit = createAudit(paths.data, now);
  const shared: SharedParts = {
    ...{ config, store, models, metrics, tools: tools.found, egress, now, log },
    audit: metrics?.audit(audit) ?? audit,
    git: await openGit({ egress, temporary: join(paths.data, "git") }),
    reader: opening.use(createPageReader()),
    searchEngine: createSearchEngine(secrets.resolve(config.search.searxng_url) ?? undefined),
    spending: createSpending(store.usage, limits, now, timezone),
    meaning,
    owners: await openFolder(paths.workspace),
    teamOf: createTeams({
      ...{ agents, store, now },
      changesFor: ({ id, tainted }) => (id === mainAgent ? making.changes({ tainted }) : undefined),
    }),
  };
  const mainSection = { ...main, description: "The agent that its owner talks to." };
  const add = async (id: string, section: AgentSection, directory: string): Promise<void> => {
    agents.set(id, await openAgent(id, section, directory, shared));
  };
  let agentHome: AgentHome | undefined;
  const making: AgentMaking = createAgentMaking({
    ...{ home, paths, config, secrets, store, log },
    accounts: createMatrixAccounts({
      ...{ config, secrets, data: paths.data, log },
      setUpKeys: matrixKeys(home, log),
      newRecoveryKey,
    }),
    async open(id) {
      const section = config.agents[id];
      if (!section) throw new Error(`There is no agent ${id} in the config.`);
      await add(id, section, join(paths.agents, id));
      const opened = agents.get(id) as OpenAgent;
      opened.memory.start();
      await agentHome?.add(id);
      return opened.member();
    },
    async close(id) {
      await agentHome?.remove(id);
      const closed = agents.get(id);
      agents.delete(id);
      await closed?.agent.end();
      await closed?.memory[Symbol.asyncDispose]();
    },
    async dropVectors(id) {
      if (meaning) await dropCollections((await meaning.open()).indexes, id);
    },
    async removeDevices(userId) {
      const { removeDevicesOf } = await import("./channel/matrix/device-database.ts");
      removeDevicesOf(join(paths.data, "matrix"), userId);
    },
  });
  await making.settle();
  opening.use(making);
  await add(mainAgent, mainSection, paths.workspace);
  for (const [id, section] of Object.entries(config.agents)) {
    const directory = join(paths.agents, id);
    await prepareAgentFiles(directory, section.description, paths.workspace);
    await add(id, section, directory);
  }

  const commandContext = (message: InboundMessage): Omit<CommandContext, "commands" | "conversation"> => {
    const { channel, conversation } = message;
    const asked = agents.get(message.agent);
    if (!asked) throw new Error(`There is no agent ${message.agent} any more.`);
    const { id, memory, switches, modelName } = asked;
    const isMatrix = config.channels[channel]?.type === "matrix";
    return {
      home: isMatrix ? { set: () => store.settings.set(id, "home_room", conversation) } : undefined,
      ...{ switches, memory, now, timezone, usage: store.usage },
      caps: { tokensPerDay: limits.tokens_per_day, costPerDay: limits.cost_per_day },
      models: {
        current: () => modelName(conversation),
        available: models.list,
        choose: (name, scope) => asked.chooseModel(name, scope === "agent" ? undefined : conversation),
      },
      status: () =>
        statusLines({
          ...{ asked, conversation, store, models, channels, timezone, version: version() },
          waiting: orchestrator.waiting(),
          tools: { count: tools.found.size, problems },
        }),
    };
  };

  const orchestrator = createOrchestrator({
    ...{ agents, commands, commandContext, store, masking: secrets, now, log },
  });

  if (metrics && config.metrics) {
    const { serveMetrics } = await import("./metrics/metrics-server.ts");
    const served = opening.use(await serveMetrics({ ...secrets.resolve(config.metrics), text: metrics.text }));
    log.info("Metrics are served", { address: `http://127.0.0.1:${served.port}/metrics` });
  }

  const closing = opening.move();
  const each = async (step: (channel: Channel) => Promise<void>): Promise<void> => {
    for (const channel of channels)
      await step(channel).catch((error) => log.error("A channel did not close well", { channel: channel.name, error }));
  };
  for (const { memory } of agents.values()) memory.start();
  log.info("Ready", { tools: tools.found.size, model: main.model });
  return {
    ...{ config, secrets, store, agents, making, orchestrator, log },
    async connect(channel, itsHome) {
      channels.push(channel);
      agentHome = itsHome ?? agentHome;
      await channel.start(orchestrator.handle);
    },
    async [Symbol.asyncDispose]() {
      await each((channel) => channel.stop());
      await orchestrator.drain(graceMs);
      await each((channel) => channel.close());
      await closing.disposeAsync();
    },
  };
}

/** The version of this program. */
export function version(): string {
  return JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")).version;
}
