import { Filter, type IStartClientOpts } from "matrix-js-sdk";

/** Of a room's state only this counts: others could put any amount of other things there. */
const state = [
  ...["m.room.create", "m.room.member", "m.room.power_levels", "m.room.join_rules", "m.room.encryption"],
  ...["m.room.history_visibility", "m.room.name", "m.room.canonical_alias", "m.room.tombstone"],
];

/** How the client is started: all of the rooms' members, and nothing of who is typing, reading or there. */
export function whatToSync(userId: string): IStartClientOpts {
  const filter = new Filter(userId);
  const nothing = { not_types: ["*"] };
  filter.setDefinition({
    presence: nothing,
    room: { ephemeral: nothing, timeline: { limit: 50 }, state: { types: state } },
  });
  return { filter, initialSyncLimit: 20, lazyLoadMembers: false, threadSupport: false, disablePresence: false };
}
