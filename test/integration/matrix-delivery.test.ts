import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startMatrixPerson } from "../support/matrix-person.ts";
import { type MatrixRigOptions, startMatrixRig } from "../support/matrix-rig.ts";
import { scriptedModel } from "../support/scripted-model.ts";
import { startSynapse, type TestSynapse } from "../support/synapse.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";

const can = await canRunSynapse();

describe.skipIf(!can)("what leaves", () => {
  let synapse: TestSynapse;
  let next = 0;
  beforeAll(async () => {
    synapse = await startSynapse({ settings: { rc_message: { per_second: 0.5, burst_count: 6 } } });
  }, 120_000);
  afterAll(() => synapse?.stop());

  async function room(options: Partial<MatrixRigOptions> = {}) {
    const [agent, user] = [await synapse.registerUser(`agent${++next}`), await synapse.registerUser(`owner${next}`)];
    const person = await startMatrixPerson({ url: synapse.url, user });
    onTestFinished(() => person.stop());
    const common = { url: synapse.url, agent, owners: [person.userId], model: scriptedModel("Yes?") };
    const rig = await startMatrixRig({ ...common, ...options });
    const room = await person.createRoom({ invite: [agent.userId] });
    await person.waitForJoin(room, agent.userId);
    return { agent, person, room, rig, again: () => startMatrixRig({ ...common, ...options, home: rig.home }) };
  }

  /** Every event of a room as the homeserver has it. */
  async function atHomeserver(roomId: string, token: string) {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/messages?dir=b&limit=500`;
    const answer = await fetch(`${synapse.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    return (
      (await answer.json()) as { chunk: { type: string; sender: string; state_key?: string; event_id: string }[] }
    ).chunk;
  }

  async function forgetTransactions(): Promise<void> {
    await synapse.pause();
    const database = new DatabaseSync(join(synapse.directory, "homeserver.db"));
    database.exec("DELETE FROM event_txn_id_device_id");
    database.close();
    await synapse.resume();
  }

  const messagesOf = async (roomId: string, { userId, accessToken }: { userId: string; accessToken: string }) =>
    (await atHomeserver(roomId, accessToken)).filter((one) => one.sender === userId && one.state_key === undefined);

  it.each([
    ["is killed between sending and marking", { forgotten: false }],
    ["starts again a day later, when the server has forgotten the transaction", { forgotten: true }],
  ])("is there once when the program %s", async (_, { forgotten }) => {
    const { agent, person, room: where, rig, again } = await room();
    await person.ask(where, "hello");
    await rig.stop({ keep: true });
    const database = new DatabaseSync(join(rig.home, "data", "memtrix.db"));
    database.exec("UPDATE outbox SET sent_at = NULL, event_id = NULL");
    if (forgotten) database.exec(`UPDATE outbox SET first_tried_at = ${Date.now() - 86_400_000}`);
    database.close();
    if (forgotten) await forgetTransactions();

    const restarted = await again();
    await person.ask(where, "still there?");
    await restarted.stop();
    expect(await messagesOf(where, agent)).toHaveLength(2);
  });

  it("is encrypted, every event of it: questions, reactions, notices, edits and answers", async () => {
    const model = scriptedModel({ calls: [{ name: "delete_file", input: { path: "old.txt" } }] }, "Done.");
    const { agent, person, room: where, rig } = await room({ model });
    onTestFinished(() => rig.stop());
    await rig.harness.folder.write("old.txt", "x");
    await person.ask(where, "/verbose on");
    await person.send(where, "delete it");
    const question = await person.waitForMessage(where, ({ content }) => String(content.body).includes("✅ yes"));
    await person.react(where, question.eventId, "✅");
    await person.waitForMessage(where, ({ content }) => content.body === "Done.");
    const types = new Set((await messagesOf(where, agent)).map(({ type }) => type));
    expect(types).toEqual(new Set(["m.room.encrypted"]));
  }, 60_000);

  it("waits as the homeserver asks: twelve answers in a row all arrive, once, in order", async () => {
    let nth = 0;
    const { agent, person, room: where, rig } = await room({ model: scriptedModel(() => `answer ${++nth}`) });
    onTestFinished(() => rig.stop());
    for (let index = 1; index <= 12; index++) {
      const conversation = `matrix:${where}`;
      const event = {
        type: "m.room.message",
        content: { msgtype: "m.text", body: `answer ${index}`, "m.mentions": {} },
      };
      rig.store.outbox.add({ channel: "matrix", agent: "main", conversation, events: [event], answers: [] });
    }
    await person.waitForMessage(where, ({ content }) => content.body === "answer 12", { limitMs: 60_000 });
    const said = person.seen().filter(({ sender, type }) => sender === agent.userId && type === "m.room.message");
    const expected = Array.from({ length: 12 }, (_, index) => `answer ${index + 1}`);
    expect(said.map(({ content }) => content.body)).toEqual(expected);
    expect(rig.store.outbox.waiting("matrix")).toEqual([]);
  }, 90_000);

  it("goes out when the homeserver is back", async () => {
    const { person, room: where, rig } = await room();
    onTestFinished(() => rig.stop());
    await person.ask(where, "hello");
    await synapse.pause();
    const event = { type: "m.room.message", content: { msgtype: "m.text", body: "said meanwhile", "m.mentions": {} } };
    const conversation = `matrix:${where}`;
    rig.store.outbox.add({ channel: "matrix", agent: "main", conversation, events: [event], answers: [] });
    await synapse.resume();
    await person.waitForMessage(where, ({ content }) => content.body === "said meanwhile", { limitMs: 60_000 });
  }, 120_000);
});
