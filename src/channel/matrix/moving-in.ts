import type { MatrixClient } from "matrix-js-sdk";
import type { Logger } from "../../log.ts";
import type { Store } from "../../store/store.ts";
import { createDirectList } from "./direct-list.ts";
import { ensureDirectRoom } from "./direct-room.ts";
import { ownerIsIn } from "./greeting.ts";
import { nextSync } from "./next-sync.ts";
import type { Notices } from "./notices.ts";
import { pause } from "./pace.ts";
import type { People } from "./people.ts";
import { ensureProfile } from "./profile.ts";
import { ensureSpace, holdInSpace } from "./space.ts";

/** Makes an account at home: a face, a room with its owner and a first word in it, and a place for its rooms. */
export interface MovingIn {
  /** Goes on until it is done, which may be days: the owner has to come. Rejects when `signal` aborts. */
  untilDone(signal: AbortSignal): Promise<void>;
  /** A room with one person turned up. */
  hasDirectRoom(room: string): void;
  /** A room of another agent with its owner: it is shown in the space as well. */
  hold(room: string): void;
}

export interface MovingInOptions {
  client: MatrixClient;
  channel: string;
  agent: string;
  /** As its owner calls it. */
  name: string;
  people: People;
  notices: Notices;
  store: Pick<Store, "settings" | "rooms" | "transaction">;
  /** Rooms that are made are encrypted. */
  encrypted: boolean;
  /** The first words in the direct room; left out, neither that nor the space is made. */
  greeting: string | undefined;
  /** Where the space is another agent's: takes a room that it is to hold. */
  onDirectRoom?: ((room: string) => void) | undefined;
  now(): Date;
  log: Logger;
}

const againMs = 2_000;
const greetedSetting = "greeted";

export function createMovingIn(options: MovingInOptions): MovingIn {
  const { client, channel, agent, name, people, notices, store, greeting, now, log } = options;
  const { settings, rooms } = store;
  const scope = `${channel} ${agent}`;
  const directList = createDirectList(client);
  let space: string | undefined;
  const ofOthers = new Set<string>();

  async function moveIn(signal: AbortSignal): Promise<void> {
    const avatar = await ensureProfile({ client, name, settings, scope }).catch((error) => {
      log.info("The agent's name and picture could not be set", { error });
      return undefined;
    });
    const room = greeting === undefined ? undefined : await directRoom(avatar);
    const direct = rooms.all(channel, agent).filter(({ kind }) => kind === "direct");
    for (const { id } of direct) await list(id);
    if (room === undefined || greeting === undefined) return;
    if (!(await greeted(room, greeting, signal))) return;
    if (options.onDirectRoom) {
      for (const { id } of direct) options.onDirectRoom(id);
      return;
    }
    // Only now: one who is invited for the first time should find one room, not two.
    space = await ensureSpace({ client, channel, people, settings, avatar });
    for (const { id } of direct) await hold(id);
    for (const id of ofOthers) await holdOther(id);
  }

  function directRoom(avatar: string | undefined): Promise<string | undefined> {
    const { encrypted } = options;
    return ensureDirectRoom({ client, channel, agent, name, people, settings, rooms, encrypted, avatar });
  }

  async function greeted(room: string, words: string, signal: AbortSignal): Promise<boolean> {
    if (settings.get(scope, greetedSetting) !== undefined) return true;
    if (!(await ownerIsIn(client, room, people, signal))) return false;
    store.transaction(() => {
      settings.set(scope, greetedSetting, now().toISOString());
      notices.tell(`${channel}:${room}`, words);
    });
    return true;
  }

  async function list(id: string): Promise<void> {
    const room = client.getRoom(id);
    if (room?.getMyMembership() !== "join") return;
    for (const owner of people.owners) if (room.getMember(owner)) await directList.add(owner, id);
  }

  async function hold(room: string): Promise<void> {
    const isThere = client.getRoom(room)?.getMyMembership() === "join";
    if (space !== undefined && isThere) await holdInSpace(client, space, room);
  }

  async function holdOther(room: string): Promise<void> {
    if (space !== undefined) await holdInSpace(client, space, room);
  }

  return {
    hold(room) {
      ofOthers.add(room);
      holdOther(room).catch((error) => log.info("The space does not hold a room yet", { room, error }));
    },
    async untilDone(signal) {
      for (;;) {
        try {
          return await moveIn(signal);
        } catch (error) {
          signal.throwIfAborted();
          log.warn("The rooms of the agent could not be made, which is tried again", { error });
        }
        // It may have been made all the same, and only its answer was lost: then the sync brings it, in parts.
        await nextSync(client, signal);
        await pause(againMs, signal);
      }
    },
    hasDirectRoom(room) {
      list(room)
        .then(() => (options.onDirectRoom ? options.onDirectRoom(room) : hold(room)))
        .catch((error) => log.info("A direct room could not be listed; the next start does it", { room, error }));
    },
  };
}
