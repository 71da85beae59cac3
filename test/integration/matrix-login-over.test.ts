import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { startHomeserverProxy } from "../support/homeserver-proxy.ts";
import { openTestConnection } from "../support/matrix-connection.ts";
import { startMatrixPerson } from "../support/matrix-person.ts";
import { startSynapse, type TestSynapse, type TestUser } from "../support/synapse.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";
import { temporaryFolder } from "../support/temporary.ts";

const canRun = await canRunSynapse();
const patience = { timeout: 15_000 };
let synapse: TestSynapse;

beforeAll(async () => {
  if (canRun) synapse = await startSynapse();
}, 600_000);
afterAll(() => synapse?.stop());

/** An agent that has heard one word in an encrypted room, with its homeserver behind a proxy. */
async function startTalk(name: string) {
  const [bot, ada] = [await synapse.registerUser(`bot-${name}`), await synapse.registerUser(`ada-${name}`)];
  const person = await startMatrixPerson({ url: synapse.url, user: ada, crossSigned: true });
  onTestFinished(() => person.stop());
  const proxy = await startHomeserverProxy(synapse.url);
  onTestFinished(() => proxy.stop());
  const directory = temporaryFolder();
  const ended = Promise.withResolvers<string>();
  const connection = await openTestConnection(bot, { homeserver: proxy.url, directory }, { onEnded: ended.resolve });
  await connection.start();
  const room = await person.createRoom({ invite: [bot.userId] });
  await person.waitForJoin(room, bot.userId);
  await person.send(room, "before");
  await expect.poll(() => connection.heard, patience).toEqual(["before"]);
  return { bot, person, proxy, directory, connection, room, ended: ended.promise };
}

async function setLocked({ userId }: TestUser, admin: TestUser, locked: boolean): Promise<void> {
  const response = await fetch(`${synapse.url}/_synapse/admin/v2/users/${userId}`, {
    method: "PUT",
    headers: { authorization: `Bearer ${admin.accessToken}` },
    body: JSON.stringify({ locked }),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
}

async function logInAgain({ userId, password, deviceId }: TestUser): Promise<TestUser> {
  const identifier = { type: "m.id.user", user: userId };
  const response = await fetch(`${synapse.url}/_matrix/client/v3/login`, {
    method: "POST",
    body: JSON.stringify({ type: "m.login.password", identifier, password, device_id: deviceId }),
  });
  const { access_token } = (await response.json()) as Record<string, string>;
  return { userId, password, deviceId, accessToken: access_token ?? "" };
}

describe.skipIf(!canRun)("M44: a login", { timeout: 60_000 }, () => {
  it("of an account that the homeserver has locked ends with its remedy, and goes on with its keys when unlocked", async () => {
    const admin = await synapse.registerUser("admin", { admin: true });
    const { bot, person, directory, connection, room, ended } = await startTalk("locked");
    await setLocked(bot, admin, true);
    await person.send(room, "ends the sync that waits");
    expect(await ended).toMatch(/has locked the account .* have it unlocked/);
    expect(connection.health().problem).toMatch(/has locked the account/);
    await connection.close();
    await person.send(room, "meanwhile");

    const refused = openTestConnection(bot, { homeserver: synapse.url, directory });
    await expect(refused).rejects.toThrow(ConfigError);
    await expect(refused).rejects.toThrow(/has locked the account/);

    await setLocked(bot, admin, false);
    const second = await openTestConnection(bot, { homeserver: synapse.url, directory });
    await second.start();
    await expect.poll(() => second.heard, patience).toContain("meanwhile");
    expect(second.health()).toMatchObject({ keysStored: true });
    expect([...connection.heard, ...second.heard]).toEqual(["before", "ends the sync that waits", "meanwhile"]);
  });

  it("that was logged out softly ends with its remedy, and the same device goes on under a new token", async () => {
    const { bot, person, proxy, directory, connection, room, ended } = await startTalk("soft");
    const gone = { errcode: "M_UNKNOWN_TOKEN", error: "Access token has expired", soft_logout: true };
    proxy.answer(() => true, 401, gone);
    await person.send(room, "ends the sync that waits");
    expect(await ended).toMatch(/no longer accepts the login .* memtrix onboard --relogin/);
    await connection.close();
    await person.send(room, "meanwhile");

    const again = await logInAgain(bot);
    const second = await openTestConnection(again, { homeserver: synapse.url, directory });
    expect(second.deviceId).toBe(bot.deviceId);
    await second.start();
    await expect.poll(() => second.heard, patience).toContain("meanwhile");
    expect(second.health()).toMatchObject({ keysStored: true });
    expect([...connection.heard, ...second.heard]).toEqual(["before", "ends the sync that waits", "meanwhile"]);
  });
});
