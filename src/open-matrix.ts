import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AccountState, Channel } from "./channel/channel.ts";
import { type MatrixConnection, openMatrixConnection } from "./channel/matrix/connection.ts";
import { createMatrixChannel, type MatrixAccount, type MatrixChannel } from "./channel/matrix/matrix.ts";
import { createFileKeeper } from "./channel/matrix/media/file-keeper.ts";
import type { Config } from "./config/config.ts";
import { ConfigError, messageOf } from "./errors.ts";
import { startPrivateSynapse } from "./homeserver/private-synapse.ts";
import type { Logger } from "./log.ts";
import type { Workspace } from "./sandbox/workspace.ts";
import type { Store } from "./store/store.ts";

export interface OpenMatrixOptions {
  /** The channel's name in the config. */
  name: string;
  /** Its section, secrets filled in. */
  section: MatrixSection;
  /** The main agent's first of all. Without that one there is no channel; another that cannot be opened is told of. */
  accounts: readonly AgentAccount[];
  /** The installation's `data`. */
  data: string;
  store: Store;
  /** Ends the run that works on a message which was taken back. */
  withdraw(message: { agent: string; conversation: string; inbox: number }): void;
  /** Ends what an agent does in a conversation; true when there was something. */
  stop(agent: string, conversation: string): boolean;
  /** Says what it is at, in a sentence. */
  onProgress(sentence: string): void;
  log: Logger;
  now(): Date;
}

/** The account of one agent, secrets filled in. */
export interface AgentAccount {
  agent: string;
  /** As its owner calls it. */
  name: string;
  userId: string;
  accessToken: string;
  recoveryKey: string | undefined;
  password: string | undefined;
  /** Full ids of those who may write to it beside the owners. */
  allowed: readonly string[];
  /** What it says first in the room with its owner. */
  greeting: string;
  workspace: Workspace;
}

export type MatrixSection = Extract<Config["channels"][string], { type: "matrix" }>;

/** A Matrix channel that is opened when it is started, which may take long: a homeserver may be away. */
export interface LateMatrix extends Channel {
  /** Rejects with what the owner has to mend: it could not be opened, or the login is over. Never resolves. */
  failed: Promise<never>;
  /** Takes one more agent in. Rejects with what the owner has to mend. */
  add(account: AgentAccount): Promise<void>;
  /** Lets an agent go. */
  remove(agent: string): Promise<void>;
  /** How each account is; the main agent's comes first, also while it is not connected yet. */
  health(): readonly AccountState[];
}

/** More accounts are not opened at the same time. */
const mostAtOnce = 8;

/** The Matrix channel of a config. `start` resolves at once; what goes on meanwhile, `status` and `onProgress` tell. */
export function createLateMatrix(options: OpenMatrixOptions): LateMatrix {
  const { name, log } = options;
  const ending = new AbortController();
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => {});
  ending.signal.addEventListener("abort", () => ended.reject(ending.signal.reason));
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const resources = new AsyncDisposableStack();
  const problems = new Map<string, string>();
  let opened: MatrixChannel | undefined;
  /** The same, once the main agent has begun. */
  let channel: MatrixChannel | undefined;
  let state = "beginning";
  const onProgress = (sentence: string): void => {
    if (sentence === state) return;
    state = sentence;
    options.onProgress(sentence);
  };

  /** The others go on without an agent whose login is over; `status` tells of it. */
  const onEnded = (problem: string, agent: string): void => {
    if (agent === options.accounts[0]?.agent) failed.reject(new ConfigError(problem));
  };

  async function open(onMessage: Parameters<Channel["start"]>[0]): Promise<void> {
    const { section, data, accounts, store, withdraw, now } = options;
    const [main, ...others] = accounts;
    if (!main) throw new ConfigError("No agent lives in this channel.");
    await startHomeserver({ section, data, log, onProgress }, resources, ending.signal);
    opened = createMatrixChannel({
      ...{ name, store, withdraw, onEnded, log, now, settings: section, stop: options.stop },
      accounts: [await seat(main, onProgress)],
      expected: others,
    });
    // A homeserver that has gone away must not hold the end of the program.
    await Promise.race([opened.start(onMessage), ended.promise]);
    channel = opened;
    onProgress(`connected as ${main.userId}`);
    const left = others.values();
    const openThoseLeft = async (): Promise<void> => {
      for (const account of left) await addIfPossible(account);
    };
    await Promise.all(Array.from({ length: mostAtOnce }, openThoseLeft));
    log.info("All agents are connected", { agents: accounts.length - problems.size });
  }

  async function seat(account: AgentAccount, onWaiting: (sentence: string) => void): Promise<MatrixAccount> {
    const { agent, name, userId, allowed, greeting, workspace } = account;
    const { section, data, now } = options;
    const connection = await openAccount({ section, account, data, log, now, onProgress: onWaiting }, ending.signal);
    log.info("An agent is connected", { agent, userId });
    return {
      ...{ agent, name, connection, allowed, greeting },
      files: createFileKeeper(connection.client, workspace, { maxBytes: section.attachment_mib * 1024 ** 2 }),
    };
  }

  async function add(account: AgentAccount): Promise<void> {
    if (!channel) throw new Error("Matrix is not connected yet: try again in a moment.");
    const seated = await seat(account, () => {});
    if (ending.signal.aborted) return seated.connection.close();
    await Promise.race([channel.add(seated), ended.promise]);
    problems.delete(account.agent);
  }

  async function addIfPossible(account: AgentAccount): Promise<void> {
    try {
      await add(account);
    } catch (error) {
      if (ending.signal.aborted) return;
      problems.set(account.agent, messageOf(error));
      log.error("An agent's account could not be opened", { agent: account.agent, error });
    }
  }

  let opening: Promise<void> | undefined;
  return {
    ...{ name, add, failed: failed.promise },
    async start(onMessage) {
      opening = open(onMessage).catch((error) => {
        if (ending.signal.aborted) return;
        state = messageOf(error);
        log.error("Matrix could not be opened", { error });
        failed.reject(error);
      });
    },
    async remove(agent) {
      problems.delete(agent);
      await channel?.remove(agent);
    },
    async stop() {
      ending.abort();
      await opening;
      await opened?.stop();
    },
    async close() {
      await opened?.close();
      await resources.disposeAsync();
    },
    health: () =>
      channel?.health() ??
      options.accounts.slice(0, 1).map(({ agent }) => ({ agent, undecryptable: 0, problem: state })),
    status: () => [
      ...(channel?.status?.() ?? [[name, state] as [string, string]]),
      ...[...problems].map(([agent, problem]): [string, string] => [`${name}, ${agent}`, problem]),
    ],
  };
}

/** The accounts of those who live in a channel, the main agent's first. */
export function accountsIn(
  channel: string,
  { channels, agents }: Pick<Config, "channels" | "agents">,
  mainName: string,
  open: ReadonlyMap<string, { workspace: Workspace }>,
): AgentAccount[] {
  const section = channels[channel];
  const main = open.get("main");
  if (section?.type !== "matrix" || !main) return [];
  const { user_id: userId, access_token: accessToken, recovery_key: recoveryKey, allowed } = section;
  const first = { agent: "main", name: mainName, userId, accessToken, allowed, greeting: greeting(mainName) };
  return [
    { ...first, recoveryKey: recoveryKey ?? undefined, password: undefined, workspace: main.workspace },
    ...Object.keys(agents).flatMap((id) => accountOf(id, agents, open) ?? []),
  ].filter(({ agent }) => agent === "main" || agents[agent]?.channel === channel);
}

/** Undefined for an agent without an account of its own. */
export function accountOf(
  id: string,
  agents: Config["agents"],
  open: ReadonlyMap<string, { workspace: Workspace }>,
): AgentAccount | undefined {
  const [section, agent] = [agents[id], open.get(id)];
  if (!section?.user_id || !section.access_token || !agent) return undefined;
  const { name, description, user_id: userId, access_token: accessToken, recovery_key: recoveryKey } = section;
  const { password, allowed } = section;
  return {
    ...{ agent: id, name, userId, accessToken, recoveryKey, password, allowed, workspace: agent.workspace },
    greeting: introduction(name, description),
  };
}

type Opening = Pick<OpenMatrixOptions, "section" | "data" | "log" | "now" | "onProgress">;

/** Opens the main agent's account; before it the homeserver, if that is this installation's own. */
export async function openMatrixAccount(
  options: Opening,
  resources: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<MatrixConnection> {
  await startHomeserver(options, resources, signal);
  const { user_id: userId, access_token: accessToken, recovery_key: recoveryKey } = options.section;
  return openAccount(
    { ...options, account: { userId, accessToken, recoveryKey: recoveryKey ?? undefined, password: undefined } },
    signal,
  );
}

/** Starts the homeserver that is this installation's own, where there is one, and has it end with the resources. */
export async function startHomeserver(
  {
    section,
    data,
    log,
    onProgress,
  }: Pick<Opening, "data" | "log" | "onProgress"> & { section: Pick<MatrixSection, "homeserver"> },
  resources: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<void> {
  const directory = join(data, "homeserver");
  if (!existsSync(directory) || !isLocal(section.homeserver)) return;
  onProgress("Starting the homeserver …");
  const homeserver = await startPrivateSynapse({ directory, log, signal });
  resources.defer(() => homeserver.stop());
}

function openAccount(
  {
    section,
    account,
    data,
    log,
    now,
    onProgress,
  }: Opening & { account: Pick<AgentAccount, "userId" | "accessToken" | "recoveryKey" | "password"> },
  signal: AbortSignal,
): Promise<MatrixConnection> {
  const { userId, accessToken, recoveryKey, password } = account;
  return openMatrixConnection({
    ...{ homeserver: section.homeserver, userId, accessToken, directory: join(data, "matrix"), log, now, signal },
    ...(recoveryKey ? { recoveryKey } : {}),
    ...(password ? { password } : {}),
    onWaiting: (problem) => onProgress(problem ?? "connecting"),
  });
}

/** The main agent's first words. */
export function greeting(name: string): string {
  return [
    `Hello, I am ${name}. This room is ours: write as you would to a person.`,
    "Tell me your name, or something I should remember. Ask me to keep a list, or what we talked about last week.",
    "`/help` (or `!help`, where your app keeps `/` for itself) lists what you can type.",
  ].join("\n\n");
}

function isLocal(address: string): boolean {
  const { hostname } = new URL(address);
  return hostname === "127.0.0.1" || hostname === "localhost";
}

/** The first words of an agent beside the main one. */
export function introduction(name: string, description: string): string {
  return [
    `Hello, I am ${name}, and I am here for this: ${description}`,
    "This room is ours. I have files and a memory of my own; `/help` lists what you can type.",
  ].join("\n\n");
}
