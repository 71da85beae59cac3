import type { MatrixClient } from "matrix-js-sdk";

/** What the SDK keeps of rooms below its interface, which has no way to end that for one room. */
interface Keeps {
  roomEncryptors?: Record<string, unknown>;
  roomSessions?: Map<string, unknown>;
}

/**
 * What the SDK knows of a room goes when the account is out of it. At the next join it would take itself to know what
 * came before the leaving, and pass over people who are in the room; and it would encrypt for those of the last time.
 */
export function letGo(client: MatrixClient, room: string): void {
  client.store.removeRoom(room);
  const [crypto, calls] = [client.getCrypto(), client.matrixRTC] as unknown as [Keeps | undefined, Keeps];
  // The keys stay.
  delete crypto?.roomEncryptors?.[room];
  // All that is known of its people hangs on this.
  calls.roomSessions?.delete(room);
}
