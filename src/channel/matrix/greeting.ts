import { type MatrixClient, type RoomMember, RoomMemberEvent } from "matrix-js-sdk";
import type { People } from "./people.ts";

/**
 * Resolves when an owner is in the room: what is encrypted before could not be read by a device that comes with them.
 * Undefined when `signal` ended the waiting.
 */
export async function ownerIsIn(
  client: MatrixClient,
  roomId: string,
  people: People,
  signal: AbortSignal,
): Promise<true | undefined> {
  const isIn = (): boolean =>
    people.owners.some((owner) => client.getRoom(roomId)?.getMember(owner)?.membership === "join");
  if (isIn()) return true;
  const { promise, resolve } = Promise.withResolvers<true | undefined>();
  const look = (_event: unknown, member: RoomMember): void => {
    if (member.roomId === roomId && isIn()) resolve(true);
  };
  const end = (): void => resolve(undefined);
  client.on(RoomMemberEvent.Membership, look);
  signal.addEventListener("abort", end, { once: true });
  return promise.finally(() => {
    client.off(RoomMemberEvent.Membership, look);
    signal.removeEventListener("abort", end);
  });
}
