import { ClientEvent, createClient, type MatrixEvent, RoomEvent, type Room } from "matrix-js-sdk";
import { logger as globalLogger } from "matrix-js-sdk/lib/logger.js";
import type { ConnectionHandlers } from "../../src/channel/matrix/hand-over.ts";
import type { TestUser } from "./synapse.ts";

const quiet = (): void => {};
const logger: never = { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet, getChild: () => logger } as never;

/** The connection's contract with as little as possible: keys and position in memory. */
export async function openThinConnection({ homeserver, user }: { homeserver: string; user: TestUser }) {
  (globalLogger as any).methodFactory = () => quiet;
  (globalLogger as any).rebuild();
  const { userId, deviceId, accessToken } = user;
  const client = createClient({ baseUrl: homeserver, userId, deviceId, accessToken, logger });
  await client.initRustCrypto({ useIndexedDB: false });
  return {
    client,
    userId,
    deviceId,
    async start(handlers: ConnectionHandlers) {
      let first = true;
      let queue = Promise.resolve();
      client.on(RoomEvent.Timeline, (event: MatrixEvent, room: Room | undefined, toStart) => {
        if (first || !room || toStart || event.status) return;
        queue = queue.then(async () => {
          await client.decryptEventIfNeeded(event);
          if (!event.isDecryptionFailure()) return handlers.onEvents(room, [event]);
          event.once("Event.decrypted" as never, () => void handlers.onDecrypted(event));
          await handlers.onUndecryptable?.(event);
        }).catch((error) => console.error(error));
      });
      client.on(RoomEvent.MyMembership, (room, membership) => {
        const inviter = room.getMember(userId)?.events.member?.getSender();
        if (membership === "invite" && inviter) void handlers.onInvite(room, inviter);
      });
      await client.startClient({ initialSyncLimit: 20 });
      await new Promise<void>((resolve) => {
        client.on(ClientEvent.Sync, (state) => state === "PREPARED" && resolve());
      });
      first = false;
    },
    async stop() {
      client.stopClient();
    },
    async close() {},
    health: () => ({ undecryptable: 0, waitingForKeys: 0, keysStored: true, crossSigned: false, backup: false, lastSyncAt: new Date() }),
  };
}
