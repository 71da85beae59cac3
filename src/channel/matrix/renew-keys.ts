import { randomUUID } from "node:crypto";
import { createClient, type MatrixClient } from "matrix-js-sdk";
import type { CryptoApi } from "matrix-js-sdk/lib/crypto-api/index.js";
import { z } from "zod";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { openCryptoStore } from "./crypto-store.ts";
import type { DeviceDatabase } from "./device-database.ts";
import { ask, type Homeserver, pause } from "./homeserver-answer.ts";
import { createPatientFetch } from "./patient-fetch.ts";
import { createPatientWrites } from "./patient-writes.ts";
import { putSessionsBack, takeSessionsAway } from "./restored-device.ts";
import { silentSdkLogger } from "./silence-sdk.ts";

export interface RenewKeysOptions {
  device: DeviceDatabase;
  homeserver: Homeserver;
  userId: string;
  deviceId: string;
  log: Logger;
}

const claimed = z.object({
  one_time_keys: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.looseObject({})))).default({}),
});
/** A device publishes 50; some homeservers allow more. */
const mostPublished = 200;
const pauseMs = 5_000;

/**
 * Makes the keys of a restored device such that others can go on with it. The copy that the backup was made of may have
 * gone on for a while, so:
 * - what it has published for others to begin sessions with is used up, since some of it is not in the backup; the SDK
 *   publishes new keys at its first sync;
 * - sessions are begun anew, for a key that is used twice opens nothing at the other side, and shows what it should not;
 *   each device of the others hears of it at once by an empty message, and from then on writes with the new one (and shares
 *   the keys of its rooms again, where it is a client of today);
 * - the room keys that came since are fetched from the account's backup, where there is one.
 * Waits for the homeserver for as long as it is away; broken off, it is done again at the next start.
 */
export async function renewKeys(options: RenewKeysOptions): Promise<void> {
  const { device, homeserver, log } = options;
  await drainPublishedKeys(options);
  takeSessionsAway(device);
  for (;;) {
    try {
      await beginSessions(options);
      break;
    } catch (error) {
      homeserver.signal?.throwIfAborted();
      log.warn("The keys of a restored device cannot be renewed yet, which is tried again", { error });
      homeserver.onWaiting(`The Matrix keys cannot be renewed yet (${messageOf(error)}): Memtrix tries again.`);
      await pause(pauseMs, homeserver.signal);
    }
  }
  putSessionsBack(device);
  homeserver.onWaiting(undefined);
}

async function drainPublishedKeys({ homeserver, userId, deviceId }: RenewKeysOptions): Promise<void> {
  const body = { one_time_keys: { [userId]: { [deviceId]: "signed_curve25519" } } };
  for (let count = 0; count < mostPublished; count++) {
    const answer = claimed.parse(await ask(homeserver, "keys/claim", body));
    const [key] = Object.values(answer.one_time_keys[userId]?.[deviceId] ?? {});
    // The last one is given out as often as it is asked for.
    if (key === undefined || key.fallback === true) return;
  }
}

async function beginSessions({ device, homeserver, userId, deviceId, log }: RenewKeysOptions): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const writes = createPatientWrites({ device, onWaiting: homeserver.onWaiting, onFailure() {} });
  const store = resources.use(await openCryptoStore({ device, writes }));
  const { address: baseUrl, accessToken } = homeserver;
  const client = createClient({
    ...{ baseUrl, userId, deviceId, accessToken, logger: silentSdkLogger, fetchFn: createPatientFetch() },
  });
  resources.defer(() => client.stopClient());
  await client.initRustCrypto({ cryptoDatabasePrefix: store.prefix });
  const crypto = client.getCrypto();
  if (!crypto) throw new Error("The crypto of this client is not ready");

  const people = await peopleInEncryptedRooms(client);
  const devices = (await crypto.getUserDeviceInfo(people, true)).entries();
  let told = 0;
  for (const [user, theirs] of devices) {
    const others = [...theirs.keys()].filter((id) => user !== userId || id !== deviceId);
    for (const id of others) if (await tell(client, crypto, user, id)) told += 1;
  }
  const roomKeys = await fetchRoomKeys(crypto, log);
  log.info("The keys of a restored device were renewed", { people: people.length, devices: told, roomKeys });
}

async function peopleInEncryptedRooms(client: MatrixClient): Promise<string[]> {
  const people = new Set<string>();
  for (const room of (await client.getJoinedRooms()).joined_rooms) {
    const isEncrypted = await client.getStateEvent(room, "m.room.encryption", "").then(
      () => true,
      (error) => {
        if (error?.httpStatus === 404) return false;
        throw error;
      },
    );
    if (!isEncrypted) continue;
    for (const user of Object.keys((await client.getJoinedRoomMembers(room)).joined)) people.add(user);
  }
  return [...people];
}

/** Begins a session with one device and says so. False for a device that nobody can write to. */
async function tell(client: MatrixClient, crypto: CryptoApi, userId: string, deviceId: string): Promise<boolean> {
  const sealed = await crypto.encryptToDeviceMessages("m.dummy", [{ userId, deviceId }], {}).catch((error) => {
    if (error?.httpStatus !== undefined || error?.name === "ConnectionError") throw error;
    return { eventType: "", batch: [] };
  });
  const [message] = sealed.batch;
  if (!message) return false;
  const content = new Map([[userId, new Map([[deviceId, message.payload]])]]);
  await client.sendToDevice(sealed.eventType, content, randomUUID());
  return true;
}

async function fetchRoomKeys(crypto: CryptoApi, log: Logger): Promise<number> {
  await crypto.checkKeyBackupAndEnable();
  if ((await crypto.getSessionBackupPrivateKey()) === null || (await crypto.getActiveSessionBackupVersion()) === null) {
    log.warn("There is no backup of room keys to read what was said since: messages of that time may stay unreadable");
    return 0;
  }
  return (await crypto.restoreKeyBackup()).imported;
}
