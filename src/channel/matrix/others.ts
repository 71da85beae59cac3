import type { MatrixClient } from "matrix-js-sdk";
import type { People } from "./people.ts";

/** The full ids of those in a room, or invited to it, who are neither owners nor agents of this installation. */
export async function othersIn(client: MatrixClient, roomId: string, people: People): Promise<string[]> {
  const room = client.getRoom(roomId);
  if (!room) throw new Error("The room is not known: who would read it cannot be told.");
  await room.loadMembersIfNeeded();
  const there = room.getMembers().filter(({ membership }) => membership === "join" || membership === "invite");
  return there.map(({ userId }) => userId).filter((id) => !people.isOwner(id) && !people.isOurs(id));
}
