import {
  ClientEvent,
  createClient,
  HttpApiEvent,
  type IStartClientOpts,
  type MatrixClient,
  SyncState,
} from "matrix-js-sdk";
import { CryptoEvent } from "matrix-js-sdk/lib/crypto-api/index.js";
import { ConfigError, messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { openCryptoStore } from "./crypto-store.ts";
import { openDeviceDatabase } from "./device-database.ts";
import { type ConnectionHandlers, createHandOver } from "./hand-over.ts";
import { createHealthRecord, type MatrixHealth } from "./health.ts";
import { type Homeserver, isLoggedOut, loggedOut } from "./homeserver-answer.ts";
import { createSecretKeys, keyStates, restoreKeys, type SecretKeys } from "./keys.ts";
import { deviceOfToken, keysAreGone, publishedKey } from "./known-device.ts";
import { silenceSdk, silentSdkLogger } from "./silence-sdk.ts";
import { openSyncStore } from "./sync-store.ts";
import { whatToSync } from "./what-to-sync.ts";

export type { ConnectionHandlers } from "./hand-over.ts";
export type { MatrixHealth } from "./health.ts";

export interface ConnectionOptions {
  homeserver: string;
  userId: string;
  accessToken: string;
  /** Where the devices' keys are: data/matrix. Each user and device has a folder of its own in it. */
  directory: string;
  log: Logger;
  now(): Date;
  /** Opens the account's secrets at the homeserver: its cross-signing keys and the key of the backup. */
  recoveryKey?: string;
  /** Ends the waiting for a homeserver that is away. */
  signal?: AbortSignal;
  /** Why opening takes so long, in a sentence; undefined when it goes on. */
  onWaiting?(problem: string | undefined): void;
  /** A sync that is silent for so long is begun again. */
  silenceMs?: number;
}

/** One account, logged in with one device. */
export interface MatrixConnection {
  /** With crypto that is ready. Its sync belongs to this connection: never start or stop it. */
  client: MatrixClient;
  userId: string;
  deviceId: string;
  /** Nothing was read before this start: what the rooms held until now is not handed over. */
  isFirstStart: boolean;
  /**
   * Begins to read; resolves after the first sync. To be called once. Without handlers nothing counts as read: all of
   * it comes again at the next start.
   */
  start(handlers?: ConnectionHandlers): Promise<void>;
  /** Ends reading. What is on its way out can still be sent. */
  stop(): Promise<void>;
  close(): Promise<void>;
  health(): MatrixHealth;
  /** For the recovery key that `setUpKeys` makes, and the one of the options. */
  secrets: SecretKeys;
}

/**
 * Logs in with a token and makes the device's keys ready; waits for as long as the homeserver is away.
 * @throws ConfigError when the token is not accepted, or the device's keys are damaged, gone or in use.
 */
export async function openMatrixConnection(options: ConnectionOptions): Promise<MatrixConnection> {
  const { homeserver: address, userId, accessToken, directory, log, now, silenceMs = 120_000 } = options;
  silenceSdk();
  const secrets = createSecretKeys(options.recoveryKey);
  const health = createHealthRecord(now);
  const onWaiting = options.onWaiting ?? (() => {});
  const homeserver: Homeserver = { address, accessToken, signal: options.signal, onWaiting };
  const deviceId = await deviceOfToken(homeserver, userId);
  const published = await publishedKey(homeserver, userId, deviceId);

  await using opening = new AsyncDisposableStack();
  const device = opening.use(openDeviceDatabase(directory, userId, deviceId, now));
  const onFailure = (error: unknown) => {
    log.error("Matrix keys could not be written", { error });
    health.set("store", `The Matrix keys cannot be written (${messageOf(error)}): check that the disk is not full.`);
  };
  const onWritten = () => health.set("store", undefined);
  const cryptoStore = opening.use(await openCryptoStore({ device, onFailure, onWritten }));
  if (cryptoStore.isNew && published !== undefined) throw keysAreGone(userId, deviceId, device.folder);

  let handlers: ConnectionHandlers | undefined;
  const stopping = new AbortController();
  const handOver = createHandOver({
    ...{ client: () => client, device, health, log, now, signal: stopping.signal },
    handlers: () => handlers as ConnectionHandlers,
  });
  const syncStore = openSyncStore(device, async (sync, isFirst) => {
    health.synced();
    if (handlers === undefined) return false;
    await handOver.sync(sync, isFirst);
    return true;
  });
  const client = createClient({
    ...{ baseUrl: address, userId, deviceId, accessToken, store: syncStore.store, logger: silentSdkLogger },
    ...{ cryptoCallbacks: secrets.callbacks, disableVoip: true },
  });
  opening.defer(() => client.stopClient());
  await client.initRustCrypto({ cryptoDatabasePrefix: cryptoStore.prefix });
  const crypto = client.getCrypto() as NonNullable<ReturnType<MatrixClient["getCrypto"]>>;
  const { ed25519 } = await crypto.getOwnDeviceKeys();
  if (published !== undefined && published !== ed25519) throw keysAreGone(userId, deviceId, device.folder);

  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => undefined);
  const end = (error: { errcode?: unknown }): void => {
    const sentence = loggedOut(userId, error);
    health.set("login", sentence);
    log.error(sentence);
    stopSync();
    ended.reject(new ConfigError(sentence));
  };
  client.on(HttpApiEvent.SessionLoggedOut, end as never);
  client.on(ClientEvent.Sync, (state, _previous, data) => {
    if (data?.error && isLoggedOut(data.error as { errcode?: unknown })) end(data.error as { errcode?: unknown });
    const isAway = state === SyncState.Error;
    if (isAway) health.set("homeserver", `The homeserver ${address} does not answer: Memtrix tries again by itself.`);
    if (state === SyncState.Syncing) health.set("homeserver", undefined);
  });

  async function readKeys(): Promise<void> {
    const states = await keyStates(client);
    health.setKeys(states);
  }
  async function takeUpIdentity(): Promise<void> {
    const { crossSigned, backup } = await keyStates(client);
    if (secrets.recoveryKey === undefined || (crossSigned && backup)) return;
    try {
      const { roomKeys } = await restoreKeys({ client, secrets });
      log.info("the device was signed with the account's identity", { userId, roomKeys });
      health.set("keys", undefined);
    } catch (error) {
      log.error("the recovery key could not be used", { error });
      health.set("keys", messageOf(error));
    }
  }
  const keysChanged = () => void readKeys().catch((error) => log.debug("key states cannot be read", { error }));
  const keyEvents = [CryptoEvent.KeysChanged, CryptoEvent.KeyBackupStatus, CryptoEvent.DevicesUpdated] as const;
  for (const name of keyEvents) client.on(name, keysChanged);

  const startOptions: IStartClientOpts = whatToSync(userId);
  let watch: NodeJS.Timeout | undefined;
  let lastTry = now().getTime();

  /** The SDK can end its sync only together with its crypto, so that these reach below its interface. */
  const sdk = client as unknown as { clientRunning: boolean; syncApi?: { stop(): void } };
  function stopSync(): void {
    clearInterval(watch);
    stopping.abort();
    sdk.syncApi?.stop();
  }
  async function beginAgain(): Promise<void> {
    const last = Math.max(lastTry, health.read(0).lastSyncAt?.getTime() ?? 0);
    if (now().getTime() - last < silenceMs) return;
    lastTry = now().getTime();
    log.warn("the Matrix sync is silent and is begun again", { userId });
    syncStore.keepRooms();
    sdk.clientRunning = false;
    await client.startClient(startOptions);
  }

  const release = opening.move();
  return {
    ...{ client, userId, deviceId, secrets, isFirstStart: syncStore.position === undefined },
    async start(chosen) {
      handlers = chosen;
      lastTry = now().getTime();
      const first = Promise.withResolvers<void>();
      // The state of a cached sync is "prepared" as well; the first that came over the wire is "syncing".
      const look = (state: SyncState): void => void (state === SyncState.Syncing && first.resolve());
      client.on(ClientEvent.Sync, look);
      watch = setInterval(() => void beginAgain().catch(() => undefined), Math.min(silenceMs / 4, 15_000));
      await client.startClient(startOptions);
      await Promise.race([first.promise, ended.promise]).finally(() => client.off(ClientEvent.Sync, look));
      await takeUpIdentity();
      await readKeys();
      if (handlers !== undefined) await handOver.retryWaiting();
    },
    async stop() {
      stopSync();
      await handOver.settled();
    },
    async close() {
      stopSync();
      await handOver.settled();
      await release.disposeAsync();
    },
    health: () => health.read(handOver.waitingForKeys()),
  };
}
