import { Filter, type IStartClientOpts } from "matrix-js-sdk";

/** How the client is started: all of the rooms' members, and nothing of who is typing, reading or there. */
export function whatToSync(userId: string): IStartClientOpts {
  const filter = new Filter(userId);
  const nothing = { not_types: ["*"] };
  filter.setDefinition({ presence: nothing, room: { ephemeral: nothing, timeline: { limit: 50 } } });
  return { filter, initialSyncLimit: 20, lazyLoadMembers: false, threadSupport: false, disablePresence: false };
}
