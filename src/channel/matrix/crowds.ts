import type { MatrixClient, Room } from "matrix-js-sdk";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { safeName } from "./names.ts";
import { hourMs, type Notices } from "./notices.ts";
import { untilTaken } from "./until-taken.ts";

/** Keeps an account out of rooms whose members are too many to know them all. */
export interface Crowds {
  /** Leaves a room that has become too large, with word of it. True when it is none of ours any more. */
  leave(room: Room): boolean;
  /** Whether a room that we are invited to is too large, as far as its server says; then the owner hears of it. */
  keepsOut(room: Room): Promise<boolean>;
}

export interface CrowdsOptions {
  client: Pick<MatrixClient, "leave" | "forget" | "getRoomSummary">;
  notices: Notices;
  /** The most people in a room. */
  most?: number | undefined;
  /** Ends the trying again where a homeserver is busy. */
  signal: AbortSignal;
  log: Logger;
}

const mostPeople = 1_000;

export function createCrowds({ client, notices, most = mostPeople, signal, log }: CrowdsOptions): Crowds {
  const leaving = new Set<string>();

  function tell(room: Room, people: number, what: string): void {
    log.warn("A room is too large", { room: room.roomId, people });
    const name = safeName(room.name) || room.roomId;
    notices.tellHome(
      `${what} ${name}: it has ${people} people, and I can be in rooms of ${most} at most. Invite me to a smaller one.`,
      { subject: `crowd ${room.roomId}`, everyMs: hourMs },
    );
  }

  async function leave(room: Room, people: number): Promise<void> {
    const id = room.roomId;
    if (leaving.has(id)) return;
    leaving.add(id);
    try {
      await untilTaken(() => client.leave(id), signal);
      tell(room, people, "I left");
      await untilTaken(() => client.forget(id), signal);
    } catch (error) {
      log.warn("A room that is too large could not be left", { room: id, error: messageOf(error) });
    } finally {
      leaving.delete(id);
    }
  }

  return {
    leave(room) {
      const people = room.getJoinedMemberCount() + room.getInvitedMemberCount();
      if (people <= most) return false;
      void leave(room, people);
      return true;
    },
    async keepsOut(room) {
      // Not every server tells: then it shows when we are in.
      const summary = await client.getRoomSummary(room.roomId).catch(() => undefined);
      const people = summary?.num_joined_members ?? 0;
      if (people < most) return false;
      tell(room, people, "I did not join");
      return true;
    },
  };
}
