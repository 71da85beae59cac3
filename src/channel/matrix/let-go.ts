import type { MatrixClient } from "matrix-js-sdk";

/**
 * What the SDK knows of a room goes when the account is out of it. At the next join it would take itself to know what
 * came before the leaving, and pass over people who are in the room; and it would encrypt for those of the last time.
 */
export function letGo(client: MatrixClient, room: string): void {
  client.store.removeRoom(room);
  // Below its interface, which has no way to end the encryption for one room. The keys stay.
  const crypto = client.getCrypto() as unknown as { roomEncryptors?: Record<string, unknown> } | undefined;
  delete crypto?.roomEncryptors?.[room];
}
