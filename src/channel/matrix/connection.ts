import { createClient, type MatrixClient } from "matrix-js-sdk";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { openCryptoStore } from "./crypto-store.ts";
import { openDeviceDatabase } from "./device-database.ts";
import { type ConnectionHandlers, createHandOver } from "./hand-over.ts";
import { createHealthRecord, type MatrixHealth } from "./health.ts";
import type { Homeserver } from "./homeserver-answer.ts";
import { watchKeys } from "./key-health.ts";
import { createSecretKeys, type SecretKeys } from "./keys.ts";
import { deviceOfToken, keysAreGone, publishedKey } from "./known-device.ts";
import { createPatientFetch } from "./patient-fetch.ts";
import { createPatientWrites } from "./patient-writes.ts";
import { createReading } from "./reading.ts";
import { renewKeys } from "./renew-keys.ts";
import { forgetRestored, restoredDevice } from "./restored-device.ts";
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
  /** Of the account: some homeservers want it before they take its first identity. */
  password?: string;
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
  /** It comes from a backup of that time, and what was said since is still to be dealt with: `settled` when it is. */
  restored?: { from: Date; settled(): void } | undefined;
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
  const restored = restoredDevice(device);
  if (restored?.next === "keys") await renewKeys({ device, homeserver, userId, deviceId, log });
  const writes = createPatientWrites({ device, onWaiting: storeWaits, onFailure: storeFailed });
  const cryptoStore = opening.use(await openCryptoStore({ device, writes }));
  if (cryptoStore.isNew && published !== undefined) throw keysAreGone(userId, deviceId, device.folder);

  let handlers: ConnectionHandlers | undefined;
  const stopping = new AbortController();
  const handOver = createHandOver({
    ...{ client: () => client, device, health, log, now, signal: stopping.signal },
    handlers: () => handlers as ConnectionHandlers,
  });
  const syncStore = openSyncStore(device, writes, async (sync, isFirst) => {
    reading.check(sync);
    if (handlers === undefined) return false;
    await handOver.sync(sync, isFirst);
    return true;
  });
  const client = createClient({
    ...{ baseUrl: address, userId, deviceId, accessToken, store: syncStore.store, logger: silentSdkLogger },
    ...{ cryptoCallbacks: secrets.callbacks, disableVoip: true, fetchFn: createPatientFetch() },
  });
  const reading = createReading({
    ...{
      client,
      startOptions: whatToSync(userId),
      health,
      log,
      now,
      silenceMs,
      isBusy: () => handOver.isBusy() || writes.isWaiting(),
    },
    onBeginAgain: syncStore.keepRooms,
    onStopped: () => stopping.abort(),
    onEnded: (problem) => handlers?.onEnded?.(problem),
  });
  function storeWaits(problem: string | undefined): void {
    if (problem !== undefined) log.error("The Matrix keys cannot be written, which is tried again", { problem });
    health.set("store", problem && `${problem} The messages of ${userId} wait for that.`);
  }
  /** The crypto goes on from what is on the disk, at the next start; what came is not counted as read. */
  function storeFailed(error: unknown): void {
    reading.end(
      "store",
      `The Matrix keys of ${userId} cannot be written (${messageOf(error)}): see to the disk and start Memtrix again. Nothing is lost.`,
    );
  }
  opening.defer(() => client.stopClient());
  await client.initRustCrypto({ cryptoDatabasePrefix: cryptoStore.prefix });
  // The SDK looks for a backup on its own meanwhile, and would go on with keys that a close has put away.
  await client.getCrypto()?.checkKeyBackupAndEnable();
  const { ed25519 } = (await client.getCrypto()?.getOwnDeviceKeys()) ?? {};
  if (published !== undefined && published !== ed25519) throw keysAreGone(userId, deviceId, device.folder);

  const release = opening.move();
  return {
    ...{ client, userId, deviceId, secrets, isFirstStart: syncStore.position === undefined },
    ...(restored ? { restored: { from: restored.from, settled: () => forgetRestored(device) } } : {}),
    async start(chosen) {
      handlers = chosen;
      await reading.start();
      await watchKeys({ client, secrets, health, log, password: options.password });
      if (handlers !== undefined) await handOver.retryWaiting();
    },
    async stop() {
      reading.stop();
      writes.stopWaiting();
      await handOver.settled();
    },
    async close() {
      reading.stop();
      writes.stopWaiting();
      await handOver.settled();
      await release.disposeAsync();
    },
    health: () => health.read(handOver.waitingForKeys()),
  };
}
