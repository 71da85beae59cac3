import type { MatrixClient } from "matrix-js-sdk";
import { describe, expect, it } from "vitest";
import { fillGap, mostEvents } from "../../../src/channel/matrix/fill-gap.ts";

/** A homeserver whose room has an event for each number from 0 on, and what was asked of it. */
function homeserver() {
  const asked: string[] = [];
  const client = {
    async createMessagesRequest(_room: string, from: string, limit: number) {
      asked.push(from);
      const start = Number(from);
      const count = Math.min(limit, start + 1);
      const chunk = Array.from({ length: count }, (_, index) => ({ event_id: `$${start - index}` }));
      return { chunk, ...(start - count >= 0 ? { end: String(start - count) } : {}) };
    },
  } as unknown as MatrixClient;
  return { client, asked };
}

describe("a gap in a room's timeline", () => {
  it("is filled back to the last event that is known, in order", async () => {
    const { client, asked } = homeserver();
    const gap = await fillGap(client, "!room", "400", (event) => event === "$149");
    expect(gap.complete).toBe(true);
    expect(gap.events.map(({ event_id }) => event_id)).toEqual(Array.from({ length: 251 }, (_, i) => `$${150 + i}`));
    expect(asked).toEqual(["400", "300", "200"]);
  });

  it("ends where the room begins", async () => {
    const { client } = homeserver();
    const gap = await fillGap(client, "!room", "120", () => false);
    expect(gap).toMatchObject({ complete: true, events: { length: 121 } });
  });

  it("is not followed without end", async () => {
    const { client, asked } = homeserver();
    const gap = await fillGap(client, "!room", "50000", () => false);
    expect(gap.complete).toBe(false);
    expect(gap.events).toHaveLength(mostEvents);
    expect(gap.events.at(-1)?.event_id).toBe("$50000");
    expect(asked).toHaveLength(10);
  });

  it("is not asked for twice at the same place", async () => {
    const stuck = { createMessagesRequest: async () => ({ chunk: [{ event_id: "$x" }], end: "7" }) };
    const gap = await fillGap(stuck as unknown as MatrixClient, "!room", "7", () => false);
    expect(gap.events).toHaveLength(1);
  });
});
