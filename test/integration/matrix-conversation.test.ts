import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startMatrixPerson } from "../support/matrix-person.ts";
import { startMatrixRig } from "../support/matrix-rig.ts";
import { scriptedModel } from "../support/scripted-model.ts";
import { startSynapse, type TestSynapse } from "../support/synapse.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";

const can = await canRunSynapse();

describe.skipIf(!can)("a conversation in a room", () => {
  let synapse: TestSynapse;
  beforeAll(async () => {
    synapse = await startSynapse();
  }, 120_000);
  afterAll(() => synapse?.stop());

  let next = 0;
  async function pair(options: Partial<Parameters<typeof startMatrixRig>[0]> = {}) {
    next++;
    const { url } = synapse;
    const [agent, owner] = [await synapse.registerUser(`agent${next}`), await synapse.registerUser(`owner${next}`)];
    const person = await startMatrixPerson({ url, user: owner, crossSigned: true });
    onTestFinished(() => person.stop());
    const rig = await startMatrixRig({
      url,
      agent,
      owners: [owner.userId],
      model: scriptedModel("**Hello.**"),
      ...options,
    });
    onTestFinished(() => rig.stop());
    return { agent, owner, person, rig };
  }

  it("is answered, encrypted, in the room that the owner made", async () => {
    const { agent, person, rig } = await pair();
    const room = await person.createRoom({ invite: [agent.userId] });
    await person.waitForJoin(room, agent.userId);
    const answer = await person.ask(room, "hi");
    expect(answer).toMatchObject({
      encrypted: true,
      content: { body: "Hello.", formatted_body: "<strong>Hello.</strong>" },
    });
    expect(rig.lines.filter((line) => /^(warn|error)/.test(line))).toEqual([]);
  });
});
