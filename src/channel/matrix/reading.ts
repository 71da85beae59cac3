import {
  ClientEvent,
  HttpApiEvent,
  type IStartClientOpts,
  type ISyncResponse,
  type MatrixClient,
  SyncState,
} from "matrix-js-sdk";
import { ConfigError, messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import type { HealthRecord, Trouble } from "./health.ts";
import { isLoggedOut, loggedOut } from "./homeserver-answer.ts";

export interface ReadingOptions {
  client: MatrixClient;
  startOptions: IStartClientOpts;
  health: HealthRecord;
  log: Logger;
  now(): Date;
  /** A sync that is silent for so long is begun again. */
  silenceMs: number;
  /** Something that came is still being dealt with: then a silence is ours. */
  isBusy(): boolean;
  /** A sync begins again while the rooms are in memory. */
  onBeginAgain(): void;
  /** Nothing is read any more, and never will be by this client. */
  onStopped(): void;
  onEnded(problem: string): void;
}

/** Keeps the client's sync going, and ends it when it cannot go on. */
export interface Reading {
  /** Resolves after the first sync. @throws ConfigError when the homeserver ends the login. */
  start(): Promise<void>;
  stop(): void;
  /** To be asked about each sync before it counts as read: throws when the SDK could not work with it. */
  check(sync: ISyncResponse): void;
  /** Ends it for good, because of something that only a person can put right. */
  end(trouble: Trouble, problem: string): void;
}

/** So often a sync that the SDK cannot work with is asked for again; then it is passed over. */
const mostAttempts = 3;

export function createReading(options: ReadingOptions): Reading {
  const { client, startOptions, health, log, now, silenceMs, isBusy, onBeginAgain, onStopped, onEnded } = options;
  const user = client.getUserId() ?? "";
  const address = client.getHomeserverUrl();
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => undefined);
  let isStopped = false;
  let watch: NodeJS.Timeout | undefined;
  let lastAttempt = 0;
  let unexpected: Error | undefined;
  let attempts = 0;

  /** The SDK can end its sync only together with its crypto, so that these reach below its interface. */
  const sdk = client as unknown as { clientRunning: boolean; syncApi?: { stop(): void } };

  function stop(): void {
    if (isStopped) return;
    isStopped = true;
    clearInterval(watch);
    sdk.syncApi?.stop();
    onStopped();
  }

  function end(trouble: Trouble, problem: string): void {
    if (isStopped) return;
    health.set(trouble, problem);
    log.error(problem, { user });
    stop();
    ended.reject(new ConfigError(problem));
    onEnded(problem);
  }

  async function beginAgain(): Promise<void> {
    if (isStopped) return;
    lastAttempt = now().getTime();
    onBeginAgain();
    sdk.clientRunning = false;
    await client.startClient(startOptions);
  }

  async function lookForSilence(): Promise<void> {
    const last = Math.max(lastAttempt, health.read(0).lastSyncAt?.getTime() ?? 0);
    if (isBusy() || now().getTime() - last < silenceMs) return;
    log.warn("the Matrix sync is silent and is begun again", { user });
    await beginAgain();
  }

  function look(state: SyncState, _before: unknown, data?: { error?: unknown }): void {
    const error = data?.error as { errcode?: unknown } | undefined;
    if (error && isLoggedOut(error)) end("login", loggedOut(user, error));
    const away = `The homeserver ${address} does not answer: Memtrix tries again by itself.`;
    if (state === SyncState.Error) health.set("homeserver", away);
    if (state === SyncState.Syncing) health.set("homeserver", undefined);
  }

  client.on(HttpApiEvent.SessionLoggedOut, (error) => end("login", loggedOut(user, error)));
  client.on(ClientEvent.Sync, look);
  client.on(ClientEvent.SyncUnexpectedError, (error) => {
    unexpected = error;
  });

  return {
    ...{ stop, end },
    async start() {
      const first = Promise.withResolvers<void>();
      // A cached sync is "prepared" as well; "syncing" is the first that came over the wire.
      const heard = (state: SyncState): void => void (state === SyncState.Syncing && first.resolve());
      client.on(ClientEvent.Sync, heard);
      lastAttempt = now().getTime();
      const tryAgain = () => void lookForSilence().catch((error) => log.warn("the sync does not begin", { error }));
      watch = setInterval(tryAgain, Math.min(silenceMs / 4, 15_000));
      await client.startClient(startOptions);
      await Promise.race([first.promise, ended.promise]).finally(() => client.off(ClientEvent.Sync, heard));
    },
    check() {
      if (isStopped) throw new Error("Reading was stopped");
      health.synced();
      const error = unexpected;
      unexpected = undefined;
      if (error === undefined) attempts = 0;
      else if (attempts < mostAttempts) {
        attempts += 1;
        log.error("a sync could not be worked with, and is asked for again", { error });
        setTimeout(() => void beginAgain().catch(() => undefined), 1_000);
        throw error;
      } else log.error(`a sync was passed over that cannot be worked with: ${messageOf(error)}`);
    },
  };
}
