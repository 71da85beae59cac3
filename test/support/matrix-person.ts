import {
  ClientEvent,
  createClient,
  type MatrixClient,
  type MatrixEvent,
  MatrixEventEvent,
  Preset,
} from "matrix-js-sdk";
import { logger as globalLogger, type Logger } from "matrix-js-sdk/lib/logger.js";
import { decryptFile, type EncryptedFile, encryptFile } from "./encrypted-file.ts";
import { createPerson, type Person } from "./person.ts";
import { createSeenEvents } from "./seen-events.ts";
import type { TestUser } from "./synapse.ts";

export interface MatrixPersonOptions {
  url: string;
  user: TestUser;
  /** Makes cross-signing keys and signs its own device with them, as Element does at the first login. */
  crossSigned?: boolean;
}

export interface MatrixPerson extends Person {
  /** For what a test needs beyond a person's doings: verification, devices, keys. */
  client: MatrixClient;
}

/** A person with matrix-js-sdk, whose keys are in memory alone. Ready when its first sync has come. */
export async function startMatrixPerson({
  url,
  user,
  crossSigned = false,
}: MatrixPersonOptions): Promise<MatrixPerson> {
  silence();
  const { userId, deviceId, accessToken, password } = user;
  const client = createClient({ baseUrl: url, userId, deviceId, accessToken, logger });
  const seen = createSeenEvents();
  await client.initRustCrypto({ useIndexedDB: false });

  const take = (event: MatrixEvent): void => seen.add(seenEvent(event));
  let order = Promise.resolve();
  client.on(ClientEvent.Event, (event) => {
    if (event.getRoomId() === undefined) return;
    order = order.then(async () => {
      await client.decryptEventIfNeeded(event);
      take(event);
      if (event.isDecryptionFailure()) event.once(MatrixEventEvent.Decrypted, () => take(event));
    });
  });

  /** Resolves when `there` is true, which it may become with any event. */
  function until(there: () => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => there() && resolve();
    client.on(ClientEvent.Event, look);
    client.on(ClientEvent.Sync, look);
    look();
    return promise.finally(() => {
      client.off(ClientEvent.Event, look);
      client.off(ClientEvent.Sync, look);
    });
  }

  await client.startClient({ initialSyncLimit: 50 });
  await until(() => client.isInitialSyncComplete());
  if (crossSigned) {
    await client.getCrypto()?.bootstrapCrossSigning({
      async authUploadDeviceSigningKeys(request) {
        await request({ type: "m.login.password", identifier: { type: "m.id.user", user: userId }, password });
      },
    });
  }

  const isEncrypted = (roomId: string): boolean => client.getRoom(roomId)?.hasEncryptionStateEvent() ?? false;

  return {
    client,
    ...createPerson({
      ...{ userId, deviceId, seen },
      async createRoom({ invite = [], name, encrypted = true, direct = true }) {
        const { room_id } = await client.createRoom({
          ...{ invite, preset: direct ? Preset.TrustedPrivateChat : Preset.PrivateChat, is_direct: direct },
          ...(name ? { name } : {}),
          initial_state: encrypted
            ? [{ type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } }]
            : [],
        });
        await until(() => client.getRoom(room_id)?.getMyMembership() === "join" && isEncrypted(room_id) === encrypted);
        return room_id;
      },
      async join(roomId) {
        await client.joinRoom(roomId);
        await until(() => client.getRoom(roomId)?.currentState.getStateEvents("m.room.create", "") != null);
      },
      async sendEvent(roomId, type, content) {
        const { event_id } = await client.sendEvent(roomId, type as never, content as never);
        return event_id;
      },
      async redact(roomId, eventId) {
        const { event_id } = await client.redactEvent(roomId, eventId);
        return event_id;
      },
      async upload(roomId, { bytes, name, type }) {
        if (!isEncrypted(roomId)) {
          return { url: (await client.uploadContent(Buffer.from(bytes), { name, type })).content_uri };
        }
        const { sealed, keys } = encryptFile(bytes);
        const uploaded = await client.uploadContent(sealed, {
          type: "application/octet-stream",
          includeFilename: false,
        });
        return { file: { ...keys, url: uploaded.content_uri } };
      },
      async download({ url, file }) {
        const address = String((file as EncryptedFile | undefined)?.url ?? url);
        const media = client.mxcUrlToHttp(address, undefined, undefined, undefined, false, true, true) ?? address;
        const response = await fetch(media, { headers: { authorization: `Bearer ${accessToken}` } });
        if (!response.ok) throw new Error(`${media}: ${response.status}`);
        const bytes = new Uint8Array(await response.arrayBuffer());
        return file ? decryptFile(bytes, file as EncryptedFile) : bytes;
      },
      async stop() {
        client.stopClient();
        await order;
      },
    }),
  };
}

const quiet = (): void => {};
const logger: Logger = { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet, getChild: () => logger };

/** What does not use the client's logger uses a global one, of which more are made from time to time. */
function silence(): void {
  const global = globalLogger as unknown as { methodFactory: unknown; rebuild(): void };
  global.methodFactory = () => quiet;
  global.rebuild();
}

function seenEvent(event: MatrixEvent) {
  const relation = event.getWireContent()["m.relates_to"];
  const redacts = event.event.redacts;
  const stateKey = event.getStateKey();
  return {
    roomId: event.getRoomId() ?? "",
    eventId: event.getId() ?? "",
    sender: event.getSender() ?? "",
    type: event.getType(),
    content: {
      ...event.getOriginalContent(),
      ...(relation ? { "m.relates_to": relation } : {}),
      ...(redacts ? { redacts } : {}),
    },
    ...(stateKey === undefined ? {} : { stateKey }),
    encrypted: event.isEncrypted(),
    undecryptable: event.isDecryptionFailure(),
    serverTime: event.getTs(),
  };
}
