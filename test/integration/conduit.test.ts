import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAccount, deactivate, logIn } from "../../src/homeserver/accounts.ts";
import { createLogger } from "../../src/log.ts";
import { matrixKeys } from "../../src/matrix-keys.ts";
import { type ConduitStandIn, startConduitStandIn } from "../support/conduit-stand-in.ts";
import { startMatrixPerson } from "../support/matrix-person.ts";
import { startMatrixRig } from "../support/matrix-rig.ts";
import { scriptedModel } from "../support/scripted-model.ts";
import { startSynapse, type TestSynapse } from "../support/synapse.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";
import { temporaryFolder } from "../support/temporary.ts";

const token = "the-token-of-this-house";
const password = "a password of some length";

/*
 * Conduit itself cannot be run where no image can be had. Here a Synapse stands behind what Conduit is documented to do
 * otherwise (test/support/conduit-endpoints.ts), and every request that stands in no table is a fault.
 */
describe.skipIf(!(await canRunSynapse()))("M51: on a homeserver as Conduit", { timeout: 120_000 }, () => {
  let synapse: TestSynapse;
  let conduit: ConduitStandIn;

  beforeAll(async () => {
    synapse = await startSynapse({ settings: { enable_registration: true, registration_requires_token: true } });
    const { accessToken } = await synapse.registerUser("admin", { admin: true });
    await fetch(`${synapse.url}/_synapse/admin/v1/registration_tokens/new`, {
      ...{ method: "POST", body: JSON.stringify({ token }) },
      headers: { authorization: `Bearer ${accessToken}` },
    });
    conduit = await startConduitStandIn({ target: synapse.url });
  }, 120_000);
  afterAll(async () => {
    await conduit?.stop();
    await synapse?.stop();
  });

  const create = (localpart: string, registrationToken = token) =>
    createAccount({
      ...{ homeserver: conduit.url, localpart, password, displayName: "Memtrix" },
      by: { kind: "registration-token", token: registrationToken },
    });

  it("an account is made by the token, has its keys, and answers in an encrypted room", async () => {
    const owner = await synapse.registerUser("ada");
    const agent = { ...(await create("memtrix")), password };
    const log = createLogger({ write: () => {} });
    const keys = await matrixKeys(
      temporaryFolder(),
      log,
    )({
      ...{ homeserver: conduit.url, userId: agent.userId, accessToken: agent.accessToken, password },
      recoveryKey: undefined,
    });
    expect(keys).toHaveProperty("recoveryKey");

    const device = { ...agent, ...(await loggedIn()) };
    const model = scriptedModel("Forty-two.");
    const rig = await startMatrixRig({
      url: conduit.url,
      agent: device,
      owners: [owner.userId],
      model,
      greeting: "Hi.",
    });
    const person = await startMatrixPerson({ url: synapse.url, user: owner });
    try {
      const roomId = await person.waitForInvitation();
      await person.join(roomId);
      await person.waitForMessage(roomId, undefined, { limitMs: 60_000 });
      const answer = await person.ask(roomId, "What is six times seven?");
      expect(answer).toMatchObject({ content: { body: "Forty-two." }, encrypted: true });
    } finally {
      await person.stop();
      await rig.stop();
    }
    await deactivate({ homeserver: conduit.url, ...device });
    expect(conduit.unknown).toEqual([]);
  });

  it("its new name is without the lightning bolt", async () => {
    const { userId } = await create("cook");
    const profile = await fetch(`${synapse.url}/_matrix/client/v3/profile/${userId}`);
    expect(await profile.json()).toMatchObject({ displayname: "Memtrix" });
  });

  it("another token is refused in its words", async () => {
    await expect(create("stranger", "another")).rejects.toThrow("does not take the registration token");
  });

  async function loggedIn(): Promise<{ accessToken: string; deviceId: string }> {
    return logIn({ homeserver: conduit.url, userId: "@memtrix:memtrix.test", password });
  }
});
