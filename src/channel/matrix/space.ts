import { EventType, type ICreateRoomOpts, type MatrixClient, Preset } from "matrix-js-sdk";
import type { Settings } from "../../store/settings.ts";
import type { People } from "./people.ts";

export interface SpaceOptions {
  client: MatrixClient;
  channel: string;
  people: People;
  settings: Settings;
  /** The address of its picture. */
  avatar: string | undefined;
}

const spaceName = "Memtrix";
const spaceSetting = "space";

/** The space that holds the agents' rooms: made once, and not again where somebody has done away with it. */
export async function ensureSpace(options: SpaceOptions): Promise<string | undefined> {
  const { client, channel, people, settings, avatar } = options;
  const kept = settings.get(channel, spaceSetting);
  if (kept !== undefined) return client.getRoom(kept)?.getMyMembership() === "join" ? kept : undefined;
  const space = madeBefore(client) ?? (await make(client, people, avatar));
  settings.set(channel, spaceSetting, space);
  return space;
}

/** Shows a room in the space, unless it was there and somebody has taken it out. */
export async function holdInSpace(client: MatrixClient, space: string, room: string): Promise<void> {
  const known = await client.getStateEvent(space, EventType.SpaceChild, room).catch((error: { errcode?: unknown }) => {
    if (error.errcode === "M_NOT_FOUND") return undefined;
    throw error;
  });
  if (known) return;
  await client.sendStateEvent(space, EventType.SpaceChild, { via: [client.getDomain() ?? ""] }, room);
}

/** The answer to the request for it may have been lost. */
function madeBefore(client: MatrixClient): string | undefined {
  const mine = client.getRooms().find((room) => {
    return room.isSpaceRoom() && room.getCreator() === client.getUserId() && room.getMyMembership() === "join";
  });
  return mine?.roomId;
}

async function make(client: MatrixClient, people: People, avatar: string | undefined): Promise<string> {
  const request: ICreateRoomOpts = {
    preset: Preset.TrustedPrivateChat,
    creation_content: { type: "m.space" },
    ...{ name: spaceName, topic: "The rooms of your agents.", invite: [...people.owners] },
    // Nothing is said in a space.
    power_level_content_override: { events_default: 100 },
    initial_state: avatar === undefined ? [] : [avatarState(avatar)],
  };
  return (await client.createRoom(request)).room_id;
}

/** The picture of a room that is made. */
export function avatarState(url: string) {
  return { type: "m.room.avatar", state_key: "", content: { url } };
}
