import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { downloadAttachment, uploadAttachment } from "../../src/channel/matrix/media.ts";
import { defineTool } from "../../src/tool.ts";
import { startMatrixPerson } from "../support/matrix-person.ts";
import { type MatrixRigOptions, startMatrixRig } from "../support/matrix-rig.ts";
import { startNioPerson } from "../support/nio-person.ts";
import { type Person, relationOfEvent } from "../support/person.ts";
import { saidInMemory } from "../support/said-in-memory.ts";
import { type ModelRequestSeen, scriptedModel } from "../support/scripted-model.ts";
import { startSynapse, type TestSynapse } from "../support/synapse.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";

/** What the model was last told by the person. */
function lastWords({ prompt }: ModelRequestSeen): string {
  const content = prompt.findLast(({ role }) => role === "user")?.content;
  return Array.isArray(content) ? content.map((part) => ("text" in part ? part.text : "")).join("") : "";
}

const picture = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

const echo = () => scriptedModel((request) => `You said: ${lastWords(request)}`);

describe.skipIf(!(await canRunSynapse()))("an owner whose client is matrix-nio", { timeout: 40_000 }, () => {
  let synapse: TestSynapse;
  let person: Person;
  let next = 0;

  beforeAll(async () => {
    synapse = await startSynapse();
    person = await startNioPerson({ url: synapse.url, user: await synapse.registerUser("ada") });
  }, 300_000);
  afterAll(async () => {
    await person?.stop();
    await synapse?.stop();
  });

  /** A direct, encrypted room with an agent of its own. */
  async function room(options: Partial<MatrixRigOptions> = {}) {
    const agent = await synapse.registerUser(`agent${++next}`);
    const rig = await startMatrixRig({ url: synapse.url, agent, owners: [person.userId], model: echo(), ...options });
    onTestFinished(() => rig.stop());
    const room = await person.createRoom({ invite: [agent.userId] });
    await person.waitForJoin(room, agent.userId);
    return { agent, rig, room };
  }

  it("is answered, encrypted, each time", async () => {
    const { rig, room: where } = await room();
    for (const words of ["hello", "and again", "and a third time"]) {
      const answer = await person.ask(where, words);
      expect(answer).toMatchObject({ encrypted: true, undecryptable: false });
      expect(answer.content.body).toContain(words);
    }
    expect(rig.lines.filter((line) => /^(warn|error)/.test(line))).toEqual([]);
  });

  it("is answered after the agent was started anew, with what was said before", async () => {
    const agent = await synapse.registerUser(`agent${++next}`);
    const options = { url: synapse.url, agent, owners: [person.userId] };
    const first = await startMatrixRig({ ...options, model: echo() });
    const where = await person.createRoom({ invite: [agent.userId] });
    await person.waitForJoin(where, agent.userId);
    await person.ask(where, "my name is Ada");
    await first.stop({ keep: true });

    const from = person.seen().length;
    await person.send(where, "what is my name?"); // While nobody is there.
    const second = await startMatrixRig({ ...options, home: first.home, model: scriptedModel("Ada.") });
    onTestFinished(() => second.stop());
    const answer = await person.waitForMessage(where, undefined, { from });
    expect(answer).toMatchObject({ encrypted: true, content: { body: "Ada." } });
    expect(JSON.stringify(second.harness.prompts())).toContain("my name is Ada");
  });

  it("is answered in the thread that they ask in", async () => {
    const { room: where } = await room();
    const root = await person.send(where, "why is the sea salt?");
    await person.waitForMessage(where, ({ content }) => String(content.body).includes("sea"));
    const answer = await person.ask(where, "explain", { thread: root });
    expect(relationOfEvent(answer)).toMatchObject({ rel_type: "m.thread", event_id: root });
    expect(answer.content.body).toContain("explain");
  });

  it("is understood when they reply to an answer", async () => {
    const { room: where } = await room();
    const said = await person.ask(where, "a first thing");
    const answer = await person.ask(where, "what was this?", { replyTo: said.eventId });
    expect(answer.content.body).toMatch(/a first thing[\s\S]*what was this\?/);
  });

  it("can correct what was answered already", async () => {
    const { room: where } = await room();
    const from = person.seen().length;
    const said = await person.send(where, "I live in Lisbon");
    await person.waitForMessage(where, undefined, { from });
    await person.edit(where, said, "I live in Porto");
    const offer = await person.waitForMessage(where, ({ content }) => String(content.body).includes("correction"));
    await person.react(where, offer.eventId, "✅");
    await person.waitForMessage(where, ({ content }) => String(content.body).includes("I live in Porto"));
  });

  it("can take back what they said: it is nowhere any more", async () => {
    const { rig, room: where } = await room({ model: scriptedModel("I see.") });
    const from = person.seen().length;
    const said = await person.send(where, "the code is swordfish");
    await person.waitForMessage(where, undefined, { from });
    await person.redact(where, said);
    await person.ask(where, "forgotten?");
    expect(saidInMemory(rig.store, "swordfish")).toEqual([]);
    expect(JSON.stringify(rig.harness.prompts().at(-1))).not.toContain("swordfish");
  });

  describe("when the agent asks before it deletes", () => {
    async function asked() {
      const model = scriptedModel({ calls: [{ name: "delete_file", input: { path: "old.txt" } }] }, (request) =>
        JSON.stringify(request.prompt.at(-1)).includes("Deleted") ? "It is gone." : "It is kept.",
      );
      const all = await room({ model });
      await all.rig.harness.folder.write("old.txt", "x");
      const question = await person.ask(all.room, "delete old.txt");
      expect(question.content.body).toContain("old.txt");
      return { ...all, question };
    }
    const says = (where: string, words: string) =>
      person.waitForMessage(where, ({ content }) => content.body === words);

    it("says yes by ✅, and the question tells of it", async () => {
      const { room: where, question } = await asked();
      await person.react(where, question.eventId, "✅");
      await says(where, "It is gone.");
      const outcome = await person.waitFor(
        (event) => relationOfEvent(event).event_id === question.eventId && event.type === "m.room.message",
      );
      expect(JSON.stringify(outcome.content)).toContain("Yes");
    });

    it("says no by ❌", async () => {
      const { room: where, question, rig } = await asked();
      await person.react(where, question.eventId, "❌");
      await says(where, "It is kept.");
      expect(await rig.harness.folder.read("old.txt")).toBeDefined();
    });

    it("is not taken at their word from a device that nobody has verified, and is told what to do", async () => {
      const { room: where, question, rig } = await asked();
      await person.send(where, "yes", { replyTo: question.eventId });
      const hint = await person.waitForMessage(where, ({ content }) => /has not verified/.test(String(content.body)));
      expect(hint.content.body).toContain("Verify it in your app");
      expect(await rig.harness.folder.read("old.txt")).toBeDefined();
      await person.react(where, question.eventId, "❌");
      await says(where, "It is kept.");
    });
  });

  it("gets files, and sends files that can be opened", async () => {
    const user = await synapse.registerUser(`agent${++next}`);
    const agent = await startMatrixPerson({ url: synapse.url, user });
    onTestFinished(() => agent.stop());
    const where = await person.createRoom({ invite: [agent.userId] });
    await agent.waitForInvitation(person.userId);
    await agent.join(where);
    await person.waitForJoin(where, agent.userId);

    await person.sendFile(where, { name: "dot.png", type: "image/png", bytes: picture });
    const { content } = await agent.waitForMessage(where);
    const got = await downloadAttachment(agent.client, content, { maxBytes: 10_000 });
    expect(got).toEqual({ name: "dot.png", mimetype: "image/png", bytes: new Uint8Array(picture) });

    const sent = await uploadAttachment(agent.client, where, { name: "list.txt", bytes: Buffer.from("flour, eggs") });
    await agent.sendEvent(where, "m.room.message", sent);
    const shown = await person.waitForMessage(where);
    expect(shown.encrypted).toBe(true);
    expect(Buffer.from(await person.download(shown.content)).toString()).toBe("flour, eggs");
  });

  it("sees what the agent does after /verbose", async () => {
    const model = scriptedModel({ calls: [{ name: "get_current_time", input: {} }] }, "Now.");
    const { room: where } = await room({ model });
    await person.ask(where, "/verbose on");
    await person.send(where, "what time is it?");
    const notice = await person.waitForMessage(where, ({ content }) =>
      String(content.body).includes("get_current_time"),
    );
    expect(notice.content.msgtype).toBe("m.notice");
    await person.waitForMessage(where, ({ content }) => content.body === "Now.");
  });

  it("ends it with /stop", async () => {
    const begun = Promise.withResolvers<void>();
    const waiting = defineTool({
      ...{ name: "wait_long", description: "Waits.", input: z.object({}), effects: [] },
      run: (_, { signal }) =>
        new Promise<string>((_resolve, reject) => {
          begun.resolve();
          signal.addEventListener("abort", () => reject(new Error("stopped")));
        }),
    });
    const model = scriptedModel({ calls: [{ name: "wait_long", input: {} }] }, "Done waiting.");
    const { room: where } = await room({ model, tools: [waiting] });
    await person.send(where, "wait for me");
    await begun.promise;
    const answer = await person.ask(where, "/stop");
    expect(answer.content.body).toContain("Stopped");
    expect(model.doStreamCalls).toHaveLength(1);
  });
});
