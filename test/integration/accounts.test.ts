import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkToken, createAccount, deactivate, logIn, logOut } from "../../src/homeserver/accounts.ts";
import { startSynapse, type TestSynapse } from "../support/synapse.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";

const password = "a password of some length";

describe.skipIf(!(await canRunSynapse()))("an account on Synapse", { timeout: 60_000 }, () => {
  let synapse: TestSynapse;
  let token: string;
  let homeserver: string;

  beforeAll(async () => {
    synapse = await startSynapse({ settings: { enable_registration: true, registration_requires_token: true } });
    homeserver = synapse.url;
    const { accessToken } = await synapse.registerUser("admin", { admin: true });
    const made = await fetch(`${homeserver}/_synapse/admin/v1/registration_tokens/new`, {
      ...{ method: "POST", body: JSON.stringify({ uses_allowed: 2 }) },
      headers: { authorization: `Bearer ${accessToken}` },
    });
    token = ((await made.json()) as { token: string }).token;
  }, 120_000);
  afterAll(() => synapse?.stop());

  const create = (localpart: string, by: Parameters<typeof createAccount>[0]["by"]) =>
    createAccount({ homeserver, localpart, password, displayName: `${localpart} the agent`, by });
  const bySecret = () => ({ kind: "shared-secret", secret: synapse.registrationSharedSecret }) as const;

  it("is made with a registration token, until that is used up", async () => {
    const by = { kind: "registration-token", token } as const;
    const account = await create("memtrix", by);
    expect(account.userId).toBe("@memtrix:memtrix.test");
    const profile = await fetch(`${homeserver}/_matrix/client/v3/profile/${account.userId}`);
    expect(await profile.json()).toMatchObject({ displayname: "memtrix the agent" });

    await create("cook", by);
    await expect(create("gardener", by)).rejects.toThrow("does not take the registration token");
  });

  it("is made with the shared secret, and not with another", async () => {
    expect((await create("reader", bySecret())).userId).toBe("@reader:memtrix.test");
    await expect(create("writer", { kind: "shared-secret", secret: "another" })).rejects.toThrow(
      "does not take the shared secret: it is registration_shared_secret in its homeserver.yaml.",
    );
  });

  it("is ours when its making was interrupted after the server had made it", async () => {
    const first = await create("twice", bySecret());
    const again = await create("twice", bySecret());
    expect(again.userId).toBe(first.userId);
  });

  it("is not ours when another has the name", async () => {
    await synapse.registerUser("ada");
    await expect(create("ada", bySecret())).rejects.toThrow("There is an account ada on");
  });

  it("is not made with a name that cannot be one", async () => {
    await expect(create("Ada Lovelace", bySecret())).rejects.toThrow("has small letters a to z");
  });

  it("is logged in to as the device that it was", async () => {
    const { userId, deviceId } = await create("device", bySecret());
    const again = await logIn({ homeserver, userId, password, deviceId });
    expect(await checkToken({ homeserver, accessToken: again.accessToken })).toEqual({ userId, deviceId });
  });

  it("is not logged in to with another password", async () => {
    const { userId } = await synapse.registerUser("bob");
    await expect(logIn({ homeserver, userId, password: "guessed" })).rejects.toThrow(
      `${homeserver} knows no account ${userId} with that password; check both.`,
    );
  });

  it("has a token that is no good any more once it is logged out", async () => {
    const { accessToken } = await create("leaver", bySecret());
    await logOut({ homeserver, accessToken });
    await logOut({ homeserver, accessToken });
    await expect(checkToken({ homeserver, accessToken })).rejects.toThrow("memtrix onboard --relogin");
  });

  it("is closed for good, by its own password only", async () => {
    const { userId, accessToken } = await create("closed", bySecret());
    await expect(deactivate({ homeserver, userId, accessToken, password: "guessed" })).rejects.toThrow(
      "its password is another",
    );
    await deactivate({ homeserver, userId, accessToken, password });
    await expect(logIn({ homeserver, userId, password })).rejects.toThrow(/closed for good|with that password/);
  });
});
