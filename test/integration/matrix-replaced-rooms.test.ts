import { Preset } from "matrix-js-sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type MatrixPerson, startMatrixPerson } from "../support/matrix-person.ts";
import { startMatrixRig } from "../support/matrix-rig.ts";
import { scriptedModel } from "../support/scripted-model.ts";
import { startSynapse, type TestSynapse } from "../support/synapse.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";

describe.skipIf(!(await canRunSynapse()))("M35: rooms that say what they replace", { timeout: 60_000 }, () => {
  let synapse: TestSynapse;
  let rig: Awaited<ReturnType<typeof startMatrixRig>>;
  let owner: MatrixPerson;
  let agentId: string;
  beforeAll(async () => {
    synapse = await startSynapse();
    const [agent, ada] = [await synapse.registerUser("memtrix"), await synapse.registerUser("ada")];
    agentId = agent.userId;
    owner = await startMatrixPerson({ url: synapse.url, user: ada, crossSigned: true });
    rig = await startMatrixRig({
      ...{ url: synapse.url, agent, owners: [owner.userId] },
      model: scriptedModel(...Array.from({ length: 10 }, (_, index) => `Answer ${index}.`)),
    });
  }, 120_000);
  afterAll(async () => {
    await rig?.stop();
    await owner?.stop();
    await synapse?.stop();
  });

  async function roomAfter(predecessor: unknown): Promise<string> {
    const { room_id } = await owner.client.createRoom({
      ...{ invite: [agentId], preset: Preset.TrustedPrivateChat, is_direct: true },
      creation_content: { predecessor },
    });
    await owner.waitForJoin(room_id, agentId);
    return room_id;
  }

  async function isAnsweredIn(room: string): Promise<void> {
    expect((await owner.ask(room, "Are you there?")).content.body).toMatch(/^Answer/);
  }

  it.each([
    ["a word", "!old:memtrix.test"],
    ["a list", ["!old:memtrix.test"]],
    ["nothing", null],
    ["a room that is a number", { room_id: 7, event_id: { deep: [] } }],
    ["a room of endless name", { room_id: `!${"x".repeat(20_000)}`, event_id: "" }],
    ["a room that is none", { room_id: "!nowhere:elsewhere.test", event_id: "$no" }],
  ])("in a form that is none – %s – are rooms like any other", async (_, predecessor) => {
    await isAnsweredIn(await roomAfter(predecessor));
  });

  it("and one another, in a circle: both are, and nothing goes round", async () => {
    const first = await roomAfter({ room_id: "!before:memtrix.test", event_id: "$no" });
    const second = await roomAfter({ room_id: first, event_id: "$no" });
    await owner.client.sendStateEvent(
      first,
      "m.room.tombstone" as never,
      { body: "", replacement_room: second } as never,
    );
    await owner.client.sendStateEvent(
      second,
      "m.room.tombstone" as never,
      { body: "", replacement_room: first } as never,
    );
    await isAnsweredIn(second);
    await isAnsweredIn(first);
    expect(rig.lines.filter((line) => /Followed|Tombstone/.test(line))).toEqual([]);
    expect(rig.lines.filter((line) => /^error/.test(line))).toEqual([]);
  });
});
