import type { MatrixClient, Room } from "matrix-js-sdk";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import type { Crowds } from "./crowds.ts";
import { safeName } from "./names.ts";
import { hourMs, type Notices } from "./notices.ts";
import type { People } from "./people.ts";
import { untilTaken } from "./until-taken.ts";

/** Joins where an owner invites to a room that is not too large, and declines all others, a few at a time. */
export interface Invites {
  /** `inviter` is the sender of the invitation's own member event: names and aliases claim what they like. */
  invited(room: Room, inviter: string): Promise<void>;
  /** Follows the invitations of owners that an earlier start did not come to. */
  takeUp(): Promise<void>;
}

export interface InvitesOptions {
  client: Pick<MatrixClient, "joinRoom" | "leave" | "forget" | "getRooms" | "getSafeUserId">;
  people: People;
  crowds: Pick<Crowds, "keepsOut">;
  notices: Notices;
  /** Ends the trying again where a homeserver is busy. */
  signal: AbortSignal;
  log: Logger;
}

/** What is over this in an hour stays as it is: unanswered, which is safe as well. */
const mostDeclined = 20;

export function createInvites({ client, people, crowds, notices, signal, log }: InvitesOptions): Invites {
  let chain = Promise.resolve();
  let declined = 0;
  let countedFrom = 0;

  async function decline(room: Room, inviter: string): Promise<void> {
    if (Date.now() - countedFrom > hourMs) [declined, countedFrom] = [0, Date.now()];
    log.info("Invitation declined", { sender: inviter, room: room.roomId });
    notices.tellHome(
      `${safeName(inviter, 100)} invited me to a room. I declined: only my owners can invite me. I say this once an hour at most.`,
      { subject: "invitation", everyMs: hourMs },
    );
    if (declined++ >= mostDeclined) return;
    await client.leave(room.roomId);
    await client.forget(room.roomId);
  }

  async function join(room: Room, inviter: string): Promise<void> {
    if (await crowds.keepsOut(room)) return void (await untilTaken(() => client.leave(room.roomId), signal));
    await untilTaken(() => client.joinRoom(room.roomId), signal);
    log.info("Joined by invitation", { sender: inviter, room: room.roomId });
  }

  function invited(room: Room, inviter: string): Promise<void> {
    // One after the other: fifty invitations in one sync are no storm of requests.
    chain = chain
      .then(() => (people.isOwner(inviter) ? join(room, inviter) : decline(room, inviter)))
      .catch((error) =>
        log.warn("An invitation could not be dealt with", { room: room.roomId, error: messageOf(error) }),
      );
    return chain;
  }

  return {
    invited,
    async takeUp() {
      for (const room of client.getRooms()) {
        const inviter = room.getMember(client.getSafeUserId())?.events.member?.getSender() ?? "";
        if (room.getMyMembership() === "invite" && people.isOwner(inviter)) await invited(room, inviter);
      }
    },
  };
}
