import type { Room } from "matrix-js-sdk";
import { describe, expect, it } from "vitest";
import { createInvites } from "../../../src/channel/matrix/invites.ts";
import { safeName } from "../../../src/channel/matrix/names.ts";
import { createNotices } from "../../../src/channel/matrix/notices.ts";
import { createPeople } from "../../../src/channel/matrix/people.ts";
import { conversationOf, placeOf } from "../../../src/channel/matrix/place.ts";
import { createUpgrades } from "../../../src/channel/matrix/upgrades.ts";
import { silent } from "../../../src/log.ts";
import { clockAt, temporaryStore } from "../../support/temporary.ts";

const owner = "@owner:here";

function rooms() {
  const clock = clockAt("2026-11-20T12:00:00Z");
  const store = temporaryStore(clock.now);
  const done: string[] = [];
  let [atOnce, most] = [0, 0];
  const slowly = (what: string) => async (room: string) => {
    most = Math.max(most, ++atOnce);
    await new Promise(setImmediate);
    atOnce--;
    done.push(`${what} ${room}`);
    return {} as never;
  };
  const invitation = (roomId: string, sender: string) => ({
    ...{ roomId, getMyMembership: () => "invite" },
    getMember: () => ({ events: { member: { getSender: () => sender } } }),
  });
  const mine = {
    getSafeUserId: () => "@agent:here",
    getRooms: () => [invitation("!owners", owner), invitation("!strangers", "@other:there")] as never,
  };
  const client = {
    joinRoom: slowly("join"),
    leave: slowly("leave"),
    forget: slowly("forget"),
    getRoom: () => null,
    ...mine,
  };
  const people = createPeople({ owners: [owner], allowed: [], ours: new Map() });
  const notices = createNotices({
    ...{ channel: "matrix", agent: "main", outbox: store.outbox, settings: store.settings },
    ...{ configured: "!home:here", now: clock.now },
  });
  const told = () => store.outbox.waiting("matrix").map(({ event }) => JSON.stringify(event));
  const { signal } = new AbortController();
  const crowds = { keepsOut: async ({ roomId }: Room) => roomId === "!crowd" };
  const parts = { channel: "matrix", agent: "main", client, people, crowds, notices, log: silent, signal };
  const upgraded = createUpgrades({ ...parts, settings: store.settings, rooms: store.rooms });
  return { ...{ done, clock, told, store, upgraded }, most: () => most, invites: createInvites(parts) };
}

const room = (roomId: string): Room => ({ roomId }) as Room;

describe("an invitation", () => {
  it("of an owner is accepted", async () => {
    const { done, invites } = rooms();
    await invites.invited(room("!a"), owner);
    expect(done).toEqual(["join !a"]);
  });

  it("of an owner that an earlier start did not come to is accepted", async () => {
    const { done, invites } = rooms();
    await invites.takeUp();
    expect(done).toEqual(["join !owners"]);
  });

  it("M43: of an owner to a room that is too large is declined", async () => {
    const { done, invites } = rooms();
    await invites.invited(room("!crowd"), owner);
    expect(done).toEqual(["leave !crowd"]);
  });

  it("M03, M06: of anybody else is declined, whatever the room claims; the owner hears of it once an hour", async () => {
    const { done, invites, told, clock } = rooms();
    await invites.invited(room("!a"), "@owner:elsewhere");
    await invites.invited(room("!b"), "@other:there");
    expect(done).toEqual(["leave !a", "forget !a", "leave !b", "forget !b"]);
    expect(told()).toHaveLength(1);
    clock.advance(3_600_000);
    await invites.invited(room("!c"), "@other:there");
    expect(told()).toHaveLength(2);
  });

  it("M05: fifty of them are bounded work, one after the other", async () => {
    const { done, invites, most, told } = rooms();
    await Promise.all(Array.from({ length: 50 }, (_, index) => invites.invited(room(`!${index}`), "@spam:there")));
    expect(most()).toBe(1);
    expect(done.filter((one) => one.startsWith("leave"))).toHaveLength(20);
    expect(done.filter((one) => one.startsWith("join"))).toEqual([]);
    expect(told()).toHaveLength(1);
  });
});

describe("a room that was replaced", () => {
  const tombstone = (sender: string, replacement: string) =>
    ({ kind: "tombstone", id: "$t", room: "!a", sender, sentAt: new Date(), encrypted: false, replacement }) as const;

  it("is followed where the owner did it", async () => {
    const { done, upgraded } = rooms();
    await upgraded(room("!a"), tombstone(owner, "!b"));
    expect(done).toEqual(["join !b"]);
  });

  it("hands on what it was: the home of notices, the room of agent and owner", async () => {
    const { upgraded, store } = rooms();
    store.rooms.add("matrix", "main", { id: "!a", kind: "direct", encrypted: true });
    store.settings.set("main", "direct_room", "!a");
    store.settings.set("main", "home_room", "matrix:!a");
    await upgraded(room("!a"), tombstone(owner, "!b"));
    expect(store.rooms.get("matrix", "main", "!b")?.kind).toBe("direct");
    expect(store.settings.get("main", "direct_room")).toBe("!b");
    expect(store.settings.get("main", "home_room")).toBe("matrix:!b");
  });

  it("M34: is not where somebody else did: the owner is asked", async () => {
    const { done, upgraded, told } = rooms();
    await upgraded(room("!a"), tombstone("@mod:there", "!b"));
    expect(done).toEqual([]);
    expect(told()).toEqual([expect.stringContaining("invite me there")]);
  });

  it("M35: leads in no circle", async () => {
    const { done, upgraded } = rooms();
    await upgraded(room("!a"), tombstone(owner, "!b"));
    await upgraded(room("!b"), tombstone(owner, "!a"));
    await upgraded(room("!a"), tombstone(owner, "!b"));
    expect(done).toEqual(["join !b", "join !a"]);
  });
});

describe("M49: a name that others have chosen", () => {
  it.each([
    ["a\nb] [system](x)", "a b system x"],
    ["\u202Eevil\u2066", "evil"],
    ["<b>*x*</b>`", "b x /b"],
    [undefined, ""],
  ])("%j is harmless", (name, safe) => expect(safeName(name)).toBe(safe));

  it("is cut, and not within a character", () => {
    expect(safeName("😀".repeat(5_000))).toBe(`${"😀".repeat(63)}…`);
  });
});

describe("a conversation", () => {
  it.each([{ room: "!a:b" }, { room: "!a:b", thread: "$x/y+z" }])("is written and read again: %j", (place) => {
    expect(placeOf("matrix", conversationOf("matrix", place))).toEqual(place);
  });

  it("of another channel is none", () => expect(placeOf("matrix", "cli:terminal")).toBeUndefined());
});
