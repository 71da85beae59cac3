import type { MatrixClient, Room } from "matrix-js-sdk";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import type { Rooms } from "../../store/rooms.ts";
import type { Settings } from "../../store/settings.ts";
import type { Incoming } from "./incoming.ts";
import { directSetting, homeSetting, hourMs, type Notices } from "./notices.ts";
import type { People } from "./people.ts";
import { conversationOf } from "./place.ts";

/** Follows a room to its successor where an owner moved it; one step for each tombstone, so that no chain can lead in circles. */
export function createUpgrades(options: {
  channel: string;
  agent: string;
  client: Pick<MatrixClient, "joinRoom" | "getRoom">;
  people: People;
  notices: Notices;
  settings: Settings;
  rooms: Pick<Rooms, "get" | "add">;
  log: Logger;
}) {
  const { channel, agent, client, people, notices, settings, rooms, log } = options;
  const followed = new Set<string>();

  /** The new room is what the old one was. */
  function inherit(from: string, to: string): void {
    const kind = rooms.get(channel, agent, from)?.kind;
    if (kind) rooms.add(channel, agent, { id: to, kind, encrypted: false });
    if (settings.get(agent, directSetting) === from) settings.set(agent, directSetting, to);
    const [home, next] = [from, to].map((room) => conversationOf(channel, { room })) as [string, string];
    if (settings.get(agent, homeSetting) === home) settings.set(agent, homeSetting, next);
  }

  return async function upgraded(room: Room, { sender, replacement }: Incoming & { kind: "tombstone" }): Promise<void> {
    if (followed.has(room.roomId) || client.getRoom(replacement)?.getMyMembership() === "join") return;
    followed.add(room.roomId);
    if (!people.isOwner(sender)) {
      log.info("Tombstone not followed", { sender, room: room.roomId });
      notices.tellHome(
        `The room ${room.roomId} was replaced by somebody who is not my owner. I did not follow: invite me there if you want me to.`,
        {
          subject: `tombstone ${room.roomId}`,
          everyMs: hourMs,
        },
      );
      return;
    }
    try {
      await client.joinRoom(replacement, { viaServers: [sender.slice(sender.indexOf(":") + 1)] });
      inherit(room.roomId, replacement);
      log.info("Followed to the new room", { from: room.roomId, to: replacement });
    } catch (error) {
      notices.tellHome(
        `I could not follow to the room that replaces ${room.roomId}: ${messageOf(error)}. Invite me there.`,
      );
    }
  };
}
