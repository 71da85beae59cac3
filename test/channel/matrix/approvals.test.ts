import type { MatrixEvent } from "matrix-js-sdk";
import { describe, expect, it } from "vitest";
import { friend, me, openDesk, owner, reacts, says, stranger, takesBack } from "./desk.ts";

/** A question that has left as `$sent1`. */
async function asked(options: Parameters<typeof openDesk>[0] = {}, how: { inWords?: boolean } = {}) {
  const desk = openDesk(options);
  const ending = new AbortController();
  let decided: unknown;
  const decision = desk.ask(ending.signal, how).then((result) => {
    decided = result;
    return result;
  });
  await new Promise(setImmediate);
  return {
    ...desk,
    decision,
    ending,
    /** What was decided once everything that was read has had its effect. */
    async soFar() {
      await new Promise(setImmediate);
      return decided;
    },
  };
}

describe("a question", () => {
  it("is decided by the owner's ✅ on it, with or without the variation mark", async () => {
    for (const key of ["✅", "✅\uFE0F"]) {
      const desk = await asked();
      await desk.read(reacts("$sent1", key));
      expect(await desk.decision).toBe("yes");
    }
  });

  it("is laid out with both answers, and shows the outcome afterwards", async () => {
    const desk = await asked();
    const keys = desk.sent.map(({ event }) => (event.content["m.relates_to"] as { key?: string } | undefined)?.key);
    expect(keys).toEqual([undefined, "✅", "❌"]);
    await desk.read(reacts("$sent1", "❌"));
    expect(await desk.decision).toEqual({ no: "" });
    await new Promise(setImmediate);
    expect(desk.sent.at(-1)?.event.content).toMatchObject({
      body: expect.stringContaining("❌ No."),
      "m.relates_to": { rel_type: "m.replace", event_id: "$sent1" },
    });
  });

  it.each([
    ["M10: a reaction of one who is no owner", [reacts("$sent1", "✅", { sender: friend })]],
    ["M10: 👍 of a stranger", [reacts("$sent1", "👍", { sender: stranger })]],
    ["M11: a reaction to another message", [reacts("$other", "✅")]],
    ["M11: another key", [reacts("$sent1", "👍")]],
    ["M12: a reaction that was taken back in the same breath", [reacts("$sent1", "✅", { id: "$r" }), takesBack("$r")]],
    ["M47: a yes of somebody else", [says("yes", { sender: friend })]],
    ["M47: a plain yes where others are", [says("yes")]],
  ])("is not decided by %s", async (_, events) => {
    const desk = await asked({ members: [me, owner, friend], mode: "open" });
    await desk.read(...events);
    expect(await desk.soFar()).toBeUndefined();
    desk.ending.abort();
    expect(await desk.decision).toBe("expired");
  });

  it("M13: is no when the owner takes the question away, and ends the run", async () => {
    const desk = await asked();
    await desk.read(takesBack("$sent1"));
    expect(await desk.decision).toEqual({ no: "" });
    expect(desk.withdrawn).toEqual([77]);
  });

  it("M14: is decided once, however often the reaction comes", async () => {
    const desk = await asked();
    await desk.read(reacts("$sent1", "✅"), reacts("$sent1", "✅"));
    await desk.read(reacts("$sent1", "❌"));
    expect(await desk.decision).toBe("yes");
  });

  it("is no when a ✅ and a ❌ come together", async () => {
    const desk = await asked();
    await desk.read(reacts("$sent1", "✅"), reacts("$sent1", "❌"));
    expect(await desk.decision).toEqual({ no: "" });
  });

  it("M15: takes a reaction that comes before its own id is known, and none for another", async () => {
    const desk = openDesk();
    const release = desk.hold();
    const first = desk.ask();
    await desk.read(reacts("$sent1", "✅"), reacts("$sent9", "❌"));
    release();
    expect(await first).toBe("yes");
  });

  it("M47: takes a plain yes in a room of two, as the very next message, and that ends there", async () => {
    const desk = await asked();
    await desk.read(says("Yes."));
    expect(await desk.decision).toBe("yes");
    expect(desk.orders()).toEqual([]);
  });

  it("M47: takes other words there for a no, and hands them over as well", async () => {
    const desk = await asked();
    await desk.read(says("rename it instead"));
    expect(await desk.decision).toEqual({ no: "rename it instead" });
    expect(desk.orders()).toEqual(["rename it instead"]);
  });

  it("M47: takes no plain yes while two are open", async () => {
    const desk = await asked();
    void desk.ask(desk.ending.signal);
    await new Promise(setImmediate);
    await desk.read(says("yes"));
    expect(await desk.soFar()).toBeUndefined();
    desk.ending.abort();
  });

  it("M47: takes no plain yes from another thread of the room", async () => {
    const desk = await asked();
    await desk.read(says("yes", { content: { "m.relates_to": { rel_type: "m.thread", event_id: "$t" } } }));
    await desk.read(says("yes"));
    expect(await desk.soFar()).toBeUndefined();
    desk.ending.abort();
  });

  it("takes a reply to it, wherever others are", async () => {
    const desk = await asked({ members: [me, owner, friend], mode: "open" });
    const reply = { "m.relates_to": { "m.in_reply_to": { event_id: "$sent1" } } };
    await desk.read(says("yes", { sender: friend, content: reply }));
    expect(await desk.soFar()).toBeUndefined();
    await desk.read(says("yes", { content: reply }));
    expect(await desk.decision).toBe("yes");
  });

  describe("that must be answered in words", () => {
    it.each([
      ["because the config says so", { yesBy: "text" as const }, {}],
      ["because of what it asks", {}, { inWords: true }],
    ])("%s: is not decided by ✅, which whoever runs the homeserver could forge", async (_, options, how) => {
      const desk = await asked(options, how);
      expect(desk.sent.map(({ event }) => event.type)).toEqual(["m.room.message"]);
      expect(desk.sent[0]?.event.content.body).toMatch(/Reply to this with yes or no, in words\.$/);
      await desk.read(reacts("$sent1", "✅"));
      expect(await desk.soFar()).toBeUndefined();
      await desk.read(says("yes"));
      expect(await desk.decision).toBe("yes");
    });

    it("is still refused by ❌", async () => {
      const desk = await asked({ yesBy: "text" });
      await desk.read(reacts("$sent1", "❌"));
      expect(await desk.decision).toEqual({ no: "" });
    });
  });

  describe("from a device that its owner has not signed", () => {
    const encrypted = (body: string, content = {}): MatrixEvent => {
      const event = says(body, { content });
      event.makeEncrypted("m.room.encrypted", { algorithm: "m.megolm.v1.aes-sha2" }, "curve", "ed");
      return event;
    };
    const reply = { "m.relates_to": { "m.in_reply_to": { event_id: "$sent1" } } };

    it.each([
      ["a plain yes", {}],
      ["a yes as a reply", reply],
    ])("takes %s for nothing, says why, and does not hand it to the model", async (_, content) => {
      const desk = await asked({ encrypted: true, trustedDevice: false });
      await desk.read(encrypted("yes", content));
      expect(await desk.soFar()).toBeUndefined();
      expect(desk.told()).toEqual([expect.stringMatching(/not verified.*doctor devices --trust/)]);
      expect(desk.orders()).toEqual([]);
      desk.ending.abort();
    });

    it("says nothing of other words, which are handed over, and nothing where no question is open", async () => {
      const desk = await asked({ encrypted: true, trustedDevice: false });
      await desk.read(encrypted("what do you mean?"));
      desk.ending.abort();
      await desk.decision;
      await desk.read(encrypted("yes"));
      expect([desk.told(), desk.orders()]).toEqual([[], ["what do you mean?", "yes"]]);
    });
  });

  it("stays in the store while it is open, and is withdrawn with word of it after a restart", async () => {
    const desk = await asked();
    desk.ending.abort("shutdown");
    await desk.decision;
    expect(desk.store.questions.left("matrix", "main")).toHaveLength(1);
    await desk.approvals.withdrawLeft();
    expect(desk.store.questions.left("matrix", "main")).toEqual([]);
    expect(desk.sent.at(-1)?.event.content.body).toContain("Withdrawn");
  });
});
