import { EventType, type MatrixClient } from "matrix-js-sdk";
import { oneAtATime } from "../../one-at-a-time.ts";

/** The account's own list of the rooms that it has with one person, by which clients know them as direct. */
export interface DirectList {
  add(userId: string, room: string): Promise<void>;
}

export function createDirectList(
  client: Pick<MatrixClient, "getAccountDataFromServer" | "setAccountDataRaw">,
): DirectList {
  const turns = oneAtATime();
  /** What was added here: the sync tells of it only later. */
  const added = new Map<string, string[]>();

  async function write(userId: string, room: string): Promise<void> {
    const there: Record<string, string[]> = { ...(await client.getAccountDataFromServer(EventType.Direct)) };
    for (const [user, rooms] of added) there[user] = [...new Set([...(there[user] ?? []), ...rooms])];
    if (there[userId]?.includes(room)) return;
    there[userId] = [...(there[userId] ?? []), room];
    await client.setAccountDataRaw(EventType.Direct, there);
    added.set(userId, [...(added.get(userId) ?? []), room]);
  }

  return {
    add: (userId, room) => turns.do(() => write(userId, room)),
  };
}
