import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Channel } from "./channel/channel.ts";
import { type MatrixConnection, openMatrixConnection } from "./channel/matrix/connection.ts";
import { createMatrixChannel, type MatrixChannel } from "./channel/matrix/matrix.ts";
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
  /** The agent it belongs to, and its name. */
  agent: string;
  agentName: string;
  /** The installation's `data`. */
  data: string;
  workspace: Workspace;
  store: Store;
  /** Ends the run that works on a message which was taken back. */
  withdraw(message: { agent: string; conversation: string; inbox: number }): void;
  /** Says what it is at, in a sentence. */
  onProgress(sentence: string): void;
  log: Logger;
  now(): Date;
}

export type MatrixSection = Extract<Config["channels"][string], { type: "matrix" }>;

/** A Matrix channel that is opened when it is started, which may take long: a homeserver may be away. */
export interface LateMatrix extends Channel {
  /** Rejects with what the owner has to mend: it could not be opened, or the login is over. Never resolves. */
  failed: Promise<never>;
}

/** The most that a file from a room may have. */
const attachmentBytes = 50 * 1024 * 1024;

/** The Matrix channel of a config. `start` resolves at once; what goes on meanwhile, `status` and `onProgress` tell. */
export function createLateMatrix(options: OpenMatrixOptions): LateMatrix {
  const { name, log } = options;
  const ending = new AbortController();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const resources = new AsyncDisposableStack();
  let channel: MatrixChannel | undefined;
  let state = "beginning";
  const onProgress = (sentence: string): void => {
    if (sentence === state) return;
    state = sentence;
    options.onProgress(sentence);
  };

  const onEnded = (problem: string): void => {
    log.error(problem);
    failed.reject(new ConfigError(problem));
  };

  async function open(onMessage: Parameters<Channel["start"]>[0]): Promise<void> {
    const opened = await openChannel({ ...options, onProgress, onEnded, signal: ending.signal }, resources);
    await opened.start(onMessage);
    channel = opened;
    onProgress(`connected as ${options.section.user_id}`);
  }

  let opening: Promise<void> | undefined;
  return {
    ...{ name, failed: failed.promise },
    async start(onMessage) {
      opening = open(onMessage).catch((error) => {
        if (ending.signal.aborted) return;
        state = messageOf(error);
        log.error("Matrix could not be opened", { error });
        failed.reject(error);
      });
    },
    async stop() {
      ending.abort();
      await opening;
      await channel?.stop();
    },
    async close() {
      await channel?.close();
      await resources.disposeAsync();
    },
    status: () => channel?.status?.() ?? [[name, state]],
  };
}

/** Opens the agent's account; before it the homeserver, if that is this installation's own. */
export async function openMatrixAccount(
  { section, data, log, now, onProgress }: Pick<OpenMatrixOptions, "section" | "data" | "log" | "now" | "onProgress">,
  resources: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<MatrixConnection> {
  const directory = join(data, "homeserver");
  if (existsSync(directory) && isLocal(section.homeserver)) {
    onProgress("Starting the homeserver …");
    const homeserver = await startPrivateSynapse({ directory, log, signal });
    resources.defer(() => homeserver.stop());
  }
  return openMatrixConnection({
    ...{ homeserver: section.homeserver, userId: section.user_id, accessToken: section.access_token },
    ...{ directory: join(data, "matrix"), log, now, signal },
    ...(section.recovery_key ? { recoveryKey: section.recovery_key } : {}),
    onWaiting: (problem) => onProgress(problem ?? "connecting"),
  });
}

async function openChannel(
  options: OpenMatrixOptions & { signal: AbortSignal; onEnded(problem: string): void },
  resources: AsyncDisposableStack,
): Promise<MatrixChannel> {
  const { name, section, agent, agentName, store, signal, log, now } = options;
  const connection = await openMatrixAccount(options, resources, signal);
  return createMatrixChannel({
    ...{ name, store, withdraw: options.withdraw, onEnded: options.onEnded, log, now, settings: section },
    accounts: [
      {
        ...{ agent, name: agentName, connection, allowed: section.allowed, greeting: greeting(agentName) },
        files: createFileKeeper(connection.client, options.workspace, { maxBytes: attachmentBytes }),
      },
    ],
  });
}

function greeting(name: string): string {
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
