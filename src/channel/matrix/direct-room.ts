import { ClientEvent, type ICreateRoomOpts, type MatrixClient, Preset } from "matrix-js-sdk";
import type { Rooms } from "../../store/rooms.ts";
import type { Settings } from "../../store/settings.ts";
import { directSetting } from "./notices.ts";
import type { People } from "./people.ts";
import { avatarState } from "./space.ts";

export interface DirectRoomOptions {
  client: MatrixClient;
  agent: string;
  /** As its owner calls it. */
  name: string;
  people: People;
  settings: Settings;
  rooms: Pick<Rooms, "add">;
  channel: string;
  /** A room that is made is encrypted. */
  encrypted: boolean;
  /** The address of its picture. */
  avatar?: string | undefined;
}

/** The room of the agent and its owner: made at the first start, unless there is one. */
export async function ensureDirectRoom(options: DirectRoomOptions): Promise<string | undefined> {
  const { client, channel, agent, name, people, settings, rooms, encrypted, avatar } = options;
  const [owner] = people.owners;
  if (owner === undefined) return undefined;
  const kept = settings.get(agent, directSetting);
  if (kept !== undefined && isThere(client, kept)) return kept;

  const found = client.getRooms().find((room) => {
    if (room.isSpaceRoom()) return false;
    const others = room.getMembers().filter((member) => member.userId !== client.getUserId());
    const active = others.filter(({ membership }) => membership === "join" || membership === "invite");
    return room.getMyMembership() === "join" && active.length === 1 && people.isOwner(active[0]?.userId ?? "");
  });
  if (found) {
    settings.set(agent, directSetting, found.roomId);
    return found.roomId;
  }

  const request: ICreateRoomOpts = {
    preset: Preset.TrustedPrivateChat,
    is_direct: true,
    invite: [...people.owners],
    name,
    initial_state: [...(encrypted ? [encryption] : []), ...(avatar ? [avatarState(avatar)] : [])],
  };
  const { room_id } = await client.createRoom(request);
  // Written down before the first word goes there: it is encrypted, whether the sync has said so or not.
  rooms.add(channel, agent, { id: room_id, kind: "direct", encrypted });
  settings.set(agent, directSetting, room_id);
  await untilInvited(client, room_id, people.owners);
  return room_id;
}

/**
 * The sync brings a new room in parts: what is encrypted before the invitations are in it could not be read by those
 * who are invited.
 */
async function untilInvited(client: MatrixClient, roomId: string, owners: readonly string[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const look = (): void => {
    const room = client.getRoom(roomId);
    if (room && owners.every((owner) => room.getMember(owner)?.membership)) resolve();
  };
  const timer = setTimeout(() => reject(new Error("The new room did not come with the sync.")), longestWaitMs);
  client.on(ClientEvent.Sync, look);
  look();
  await promise.finally(() => {
    clearTimeout(timer);
    client.off(ClientEvent.Sync, look);
  });
}

const longestWaitMs = 60_000;
const encryption = { type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } };

function isThere(client: MatrixClient, roomId: string): boolean {
  return client.getRoom(roomId)?.getMyMembership() === "join";
}
