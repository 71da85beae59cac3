import type { Room } from "matrix-js-sdk";
import type { Rooms, StoredRoom } from "../../store/rooms.ts";
import { safeName } from "./names.ts";
import type { People } from "./people.ts";

export const roomModes = ["open", "mention", "listen", "off"] as const;
export type RoomMode = (typeof roomModes)[number];

/** A room as one agent is to behave in it. */
export interface RoomView {
  id: string;
  name: string;
  kind: StoredRoom["kind"];
  mode: RoomMode;
  encrypted: boolean;
  /** Somebody is there, or invited, who is neither an owner nor allowed. */
  strangers: boolean;
  /** What is private stays out of it: there are strangers, and the config does not trust the room. */
  exposed: boolean;
  /** The agent and one owner, and nobody else, at this moment. */
  ofTwo: boolean;
}

export interface RoomBook {
  /** Looks at a room as it is now. Its kind was decided when it was first seen. */
  view(room: Room): Promise<RoomView>;
  /** Encryption was switched on: it is never off again. */
  setEncrypted(roomId: string): void;
}

export interface RoomBookOptions {
  channel: string;
  agent: string;
  userId: string;
  people: People;
  rooms: Rooms;
  settings: Record<string, { mode: RoomMode; trusted: boolean }>;
  /** A room was seen for the first time, with what it is for good. */
  onNew?(room: StoredRoom): void;
}

export function createRoomBook(options: RoomBookOptions): RoomBook {
  const { channel, agent, userId, people, rooms, settings } = options;

  function stored(room: Room, direct: boolean, decide: boolean): StoredRoom {
    const known = rooms.get(channel, agent, room.roomId);
    const encrypted = room.hasEncryptionStateEvent();
    if (known) {
      if (encrypted && !known.encrypted) rooms.setEncrypted(channel, agent, room.roomId);
      return { ...known, encrypted: known.encrypted || encrypted };
    }
    const seen: StoredRoom = { id: room.roomId, kind: direct ? "direct" : "group", encrypted };
    // A room that is being made comes in parts: what it is shows when the first person is in it.
    if (decide) {
      rooms.add(channel, agent, seen);
      options.onNew?.(seen);
    }
    return seen;
  }

  return {
    async view(room) {
      await room.loadMembersIfNeeded();
      const others = room.getMembers().filter((member) => {
        return member.userId !== userId && (member.membership === "join" || member.membership === "invite");
      });
      // The server's count knows of members that were not loaded: whoever is not known is a stranger.
      const uncounted = room.getJoinedMemberCount() > others.filter((one) => one.membership === "join").length + 1;
      const strangers = uncounted || others.some((one) => !people.originOf(one.userId) && !people.isOurs(one.userId));
      const ofTwo = !uncounted && others.length === 1 && people.isOwner(others[0]?.userId ?? "");
      const hasCompany = others.some(({ membership }) => membership === "join");
      const { kind, encrypted } = stored(room, ofTwo, hasCompany);
      const setting = settings[room.roomId];
      return {
        ...{ id: room.roomId, name: safeName(room.name), kind, encrypted, strangers, ofTwo },
        mode: setting?.mode ?? (kind === "direct" ? "open" : "mention"),
        exposed: strangers && setting?.trusted !== true,
      };
    },
    setEncrypted: (roomId) => rooms.setEncrypted(channel, agent, roomId),
  };
}
