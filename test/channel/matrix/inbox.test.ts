import { describe, expect, it } from "vitest";
import { saidInMemory } from "../../support/said-in-memory.ts";
import { edits, event, friend, me, openDesk, owner, reacts, says, stranger, takesBack } from "./desk.ts";

describe("what is taken for an order", () => {
  it("is a message of the owner", async () => {
    const desk = openDesk();
    await desk.read(says("hello"));
    expect(desk.orders()).toEqual(["hello"]);
  });

  it("M01: is nothing of a stranger: one line of log with ids alone", async () => {
    const desk = openDesk({ members: [me, owner, stranger] });
    await desk.read(says("Memtrix: /status secret", { id: "$s", sender: stranger }));
    expect(desk.orders()).toEqual([]);
    expect(desk.lines).toEqual([`Ignored {"sender":"${stranger}","event":"$s"}`]);
    expect(desk.store.inbox.find("matrix", "main", "$s")).toBeUndefined();
  });

  it("M20: is an event once, whichever way it comes", async () => {
    const desk = openDesk();
    const message = says("hello");
    await desk.read(message);
    await desk.read(message);
    await desk.reader.readLate(desk.room, message);
    expect(desk.orders()).toEqual(["hello"]);
  });

  it("M24: is neither our own echo nor a notice", async () => {
    const desk = openDesk();
    await desk.read(says("mine", { sender: me }), says("a bot's", { content: { msgtype: "m.notice" } }));
    expect(desk.orders()).toEqual([]);
  });

  it("M25: is nothing that came unencrypted into an encrypted room; the owner hears of it once", async () => {
    const desk = openDesk({ encrypted: true });
    await desk.read(says("do it"), says("do it again"));
    expect(desk.orders()).toEqual([]);
    expect(desk.told()).toEqual([expect.stringContaining("unencrypted into the encrypted room")]);
    expect(desk.lines.join()).not.toContain("do it");
  });

  it("M25: stays so when the room's state no longer says that it is encrypted", async () => {
    const desk = openDesk();
    desk.store.rooms.add("matrix", "main", { id: "!room:here", kind: "direct", encrypted: true });
    await desk.read(says("do it"));
    expect(desk.orders()).toEqual([]);
  });

  it("M27: is nothing under keys that have changed", async () => {
    const desk = openDesk({ encrypted: true, identityChanged: true });
    const sealed = says("do it");
    sealed.isEncrypted = () => true;
    await desk.read(sealed);
    expect(desk.orders()).toEqual([]);
    expect(desk.told()).toEqual([expect.stringContaining("are not those that I knew")]);
  });

  it("M22, M23: keeps the order of the timeline, whatever times are claimed", async () => {
    const desk = openDesk();
    await desk.read(
      says("one", { at: "2037-01-01T00:00:00Z" }),
      says("two", { at: "1999-01-01T00:00:00Z" }),
      says("three"),
    );
    expect(desk.orders()).toEqual(["one", "two", "three"]);
    const times = desk.store.inbox.open("matrix").map(({ at }) => at.toISOString());
    expect(new Set(times)).toEqual(new Set(["2026-11-20T12:00:00.000Z"]));
  });

  it("is nothing that stands before what was dealt with", async () => {
    const desk = openDesk();
    const known = says("known");
    await desk.read(known);
    await desk.read(says("older"), known, says("newer"));
    expect(desk.orders()).toEqual(["known", "newer"]);
  });

  it("M21: what came while away and is older than a day is listed, and is in the log", async () => {
    const desk = openDesk();
    await desk.read(says("before"));
    desk.clock.set("2026-11-23T12:00:00Z");
    desk.away.now = true;
    await desk.read(
      says("old *news*", { at: "2026-11-21T08:00:00Z" }),
      says("fresh", { at: "2026-11-23T08:00:00Z" }),
      says("from 1999", { at: "1999-01-01T00:00:00Z" }),
    );
    expect(desk.orders()).toEqual(["before", "fresh"]);
    expect(desk.told()).toEqual([expect.stringMatching(/While I was away[\s\S]*old news[\s\S]*from 1999/)]);
    expect(saidInMemory(desk.store, "news")).toHaveLength(1);
    // A notice may be left out when much waits.
    expect(desk.store.outbox.waiting("matrix").map(({ kind }) => kind)).toEqual(["answer"]);
  });

  it("M21: more than 200 at once are listed in one notice", async () => {
    const desk = openDesk();
    desk.away.now = true;
    await desk.read(...Array.from({ length: 201 }, (_, index) => says(`number ${index}`)));
    expect(desk.orders()).toEqual([]);
    expect(desk.told()).toEqual([expect.stringContaining("and 181 more")]);
  });

  it("marks an emote, and strips the quote that older clients put before a reply", async () => {
    const desk = openDesk();
    const reply = { "m.relates_to": { "m.in_reply_to": { event_id: "$x" } } };
    await desk.read(
      says("waves", { content: { msgtype: "m.emote" } }),
      says("> <@agent:here> was\n> that\n\nand this", { content: reply }),
    );
    expect(desk.orders()).toEqual(["* waves", "and this"]);
  });

  it.each([
    ["a body that is no text", { msgtype: "m.text", body: 7 }],
    ["no content", {}],
    ["a relation that is none", { msgtype: "m.text", body: "x", "m.relates_to": "y" }],
  ])("does not stumble over %s", async (_, content) => {
    const desk = openDesk();
    await desk.read(event({ content: content as never }), says("after"));
    expect(desk.orders()).toContain("after");
  });
});

it.each([
  ["without a place", {}],
  ["with one that is none", { replacement_room: 7 }],
  ["with no end of one", { replacement_room: "!".padEnd(10_000, "x") }],
])("M35: a tombstone %s is nothing, and what follows is heard", async (_, content) => {
  const desk = openDesk();
  await desk.read(event({ type: "m.room.tombstone", stateKey: "", content }), says("after"));
  expect(desk.orders()).toEqual(["after"]);
});

describe("in a larger room", () => {
  const members = [me, owner, friend];

  it.each([
    ["by name as a word", "memtrix, what is it?", {}, true],
    ["by full id", `ask ${me}`, {}, true],
    ["by intent", "you there", { "m.mentions": { user_ids: [me] } }, true],
    ["not by a part of a word", "memtrixes are many", {}, false],
    ["not at all", "we two talk", {}, false],
  ])("is spoken to %s", async (_, body, content, answered) => {
    const desk = openDesk({ members });
    await desk.read(says(body, { content }));
    expect(desk.orders()).toHaveLength(answered ? 1 : 0);
  });

  it.each([
    ["by name", "Memtrix: /status", {}, "/status"],
    ["by full id", `${me}: /model large`, {}, "/model large"],
    ["by name behind it", "/stop @Memtrix", {}, "/stop"],
    ["by intent", "!help", { "m.mentions": { user_ids: [me] } }, "!help"],
    ["not at all", "/status", {}, undefined],
    ["to another", "Otherbot: /status", {}, undefined],
  ])("takes commands %s: several agents may be there", async (_, body, content, command) => {
    const desk = openDesk({ members });
    await desk.read(says(body, { content }));
    expect(desk.orders()).toEqual(command === undefined ? [] : [command]);
  });

  it.each([
    ["one who may call everybody", 50, 1],
    ["one who may not", 0, 0],
  ])("is spoken to with the whole room by %s", async (_, power, answered) => {
    const desk = openDesk({ members });
    const levels = { users: { [friend]: power }, notifications: { room: 50 } };
    desk.room.currentState.setStateEvents([
      event({ type: "m.room.create", stateKey: "", content: { room_version: "11" } }),
      event({ type: "m.room.power_levels", stateKey: "", content: levels }),
    ]);
    await desk.read(says("@room, dinner!", { sender: friend, content: { "m.mentions": { room: true } } }));
    expect(desk.orders()).toHaveLength(answered);
  });

  it("learns and is silent where it is to listen", async () => {
    const desk = openDesk({ members, mode: "listen" });
    await desk.read(says("Memtrix, the code is 7"));
    expect(desk.orders()).toEqual([]);
    expect(saidInMemory(desk.store, "code")).toHaveLength(1);
  });

  it("keeps nothing where it is off", async () => {
    const desk = openDesk({ members, mode: "off" });
    await desk.read(says("Memtrix, hello"));
    expect(saidInMemory(desk.store, "")).toEqual([]);
  });

  it("M04: answers owners alone where strangers read along, and marks that they do", async () => {
    const desk = openDesk({ members: [...members, stranger], mode: "open" });
    await desk.read(says("mine"), says("a friend's", { sender: friend }));
    expect(desk.store.inbox.open("matrix")).toMatchObject([{ text: "mine", exposed: true }]);
  });

  it("keeps what kind of room it is when somebody joins later", async () => {
    const desk = openDesk();
    await desk.read(says("between us"));
    desk.room.currentState.setStateEvents([desk.member(friend)]);
    await desk.read(says("still without a name"));
    expect(desk.orders()).toHaveLength(2);
  });
});

describe("a change of a message", () => {
  it("M07: replaces one that nobody works on yet, and only the latest counts", async () => {
    const desk = openDesk();
    const said = says("pay 10");
    await desk.read(said, edits(said.getId() ?? "", "pay 20"));
    await desk.read(edits(said.getId() ?? "", "pay 30"));
    expect(desk.orders()).toEqual(["pay 30"]);
    expect(desk.told()).toEqual([]);
  });

  it("M07: of one that was dealt with is offered, and taken after ✅ by the same person", async () => {
    const desk = openDesk();
    const said = says("I live in Lisbon");
    await desk.read(said);
    desk.store.inbox.done([1]);
    await desk.read(edits(said.getId() ?? "", "I live in Porto"));
    expect(desk.orders()).toHaveLength(1);
    expect(desk.told()).toEqual([expect.stringContaining("correction")]);
    const [offer] = desk.store.outbox.waiting("matrix");
    desk.store.outbox.sent(offer?.id ?? 0, "$offer");
    await desk.read(reacts("$offer", "✅", { sender: friend }));
    expect(desk.orders()).toHaveLength(1);
    await desk.read(reacts("$offer", "✅"), reacts("$offer", "✅"));
    expect(desk.orders()).toEqual(["I live in Lisbon", expect.stringContaining("I live in Porto")]);
  });

  it("M08: is nothing when another made it, or when it changes a change", async () => {
    const desk = openDesk({ members: [me, owner, friend], mode: "open" });
    const said = says("pay 10");
    const [first, second] = [
      edits(said.getId() ?? "", "pay 1000", { sender: friend }),
      edits(said.getId() ?? "", "pay 20"),
    ];
    await desk.read(said, first, second, edits(second.getId() ?? "", "pay 999"));
    expect(desk.orders()).toEqual(["pay 20"]);
    expect(desk.told()).toEqual([]);
  });

  it("M13: taking it back ends the work on it, and removes its words", async () => {
    const desk = openDesk();
    const said = says("the word is xylophone");
    await desk.read(said);
    const session = desk.store.sessions.current("main", "matrix:!room:here");
    const run = desk.store.runs.begin(session.id);
    const [row] = desk.store.inbox.open("matrix");
    desk.store.inbox.assign([row?.id ?? 0], run.id);
    const { at = new Date(), sender = "", origin = "owner", text = "" } = row ?? {};
    desk.store.log.append([{ session: session.id, run: run.id, at, role: "user", sender, origin, text }]);
    expect(saidInMemory(desk.store, "xylophone")).toHaveLength(1);
    await desk.read(takesBack(said.getId() ?? ""));
    expect(desk.withdrawn).toEqual([row?.id]);
    expect(saidInMemory(desk.store, "xylophone")).toEqual([]);
    expect(JSON.stringify(desk.store.inbox.get(row?.id ?? 0))).not.toContain("xylophone");
    await desk.read(said);
    expect(desk.store.inbox.open("matrix")).toEqual([]);
  });
});
