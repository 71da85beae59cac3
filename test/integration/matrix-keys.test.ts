import {
  CryptoEvent,
  type ShowSasCallbacks,
  VerificationPhase,
  type VerificationRequest,
  VerificationRequestEvent,
  VerifierEvent,
} from "matrix-js-sdk/lib/crypto-api/index.js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { newRecoveryKey, restoreKeys, setUpKeys } from "../../src/channel/matrix/keys.ts";
import { acceptVerifications, type Emoji } from "../../src/channel/matrix/verification.ts";
import { silent } from "../../src/log.ts";
import { startHomeserverProxy } from "../support/homeserver-proxy.ts";
import { openTestConnection } from "../support/matrix-connection.ts";
import { type MatrixPerson, startMatrixPerson } from "../support/matrix-person.ts";
import { startSynapse, type TestSynapse, type TestUser } from "../support/synapse.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";
import { temporaryFolder } from "../support/temporary.ts";

const canRun = await canRunSynapse();
const patience = { timeout: 15_000 };
let synapse: TestSynapse;
let count = 0;

beforeAll(async () => {
  if (canRun) synapse = await startSynapse();
}, 600_000);
afterAll(() => synapse?.stop());

async function twoUsers(): Promise<{ bot: TestUser; ada: TestUser }> {
  count += 1;
  return { bot: await synapse.registerUser(`bot${count}`), ada: await synapse.registerUser(`ada${count}`) };
}

async function startPerson(user: TestUser): Promise<MatrixPerson> {
  const person = await startMatrixPerson({ url: synapse.url, user, crossSigned: true });
  onTestFinished(() => person.stop());
  return person;
}

interface Options {
  directory?: string;
  recoveryKey?: string;
  password?: string;
}

async function startConnection(user: TestUser, options: Options = {}) {
  const connection = await openTestConnection(user, {
    ...{ homeserver: synapse.url, directory: temporaryFolder() },
    ...options,
  });
  await connection.start();
  return connection;
}

async function logIn({ userId, password }: TestUser): Promise<TestUser> {
  const response = await fetch(`${synapse.url}/_matrix/client/v3/login`, {
    method: "POST",
    body: JSON.stringify({ type: "m.login.password", identifier: { type: "m.id.user", user: userId }, password }),
  });
  const { access_token, device_id } = (await response.json()) as Record<string, string>;
  return { userId, password, accessToken: access_token ?? "", deviceId: device_id ?? "" };
}

async function backedUp({ accessToken }: TestUser): Promise<number> {
  const headers = { authorization: `Bearer ${accessToken}` };
  const response = await fetch(`${synapse.url}/_matrix/client/v3/room_keys/version`, { headers });
  return ((await response.json()) as { count: number }).count;
}

describe.skipIf(!canRun)("the keys of an account", { timeout: 60_000 }, () => {
  it("are set up with a recovery key, and stay so over a restart", async () => {
    const { bot } = await twoUsers();
    const directory = temporaryFolder();
    const first = await startConnection(bot, { directory });
    expect(first.health()).toMatchObject({ keysStored: true, crossSigned: false, backup: false });
    const { recoveryKey } = await setUpKeys(first, { password: bot.password });
    expect(recoveryKey).toMatch(/^(?:\w{4} ){11}\w{4}$/);
    await expect.poll(() => first.health(), patience).toMatchObject({ crossSigned: true, backup: true });
    await first.close();

    const second = await startConnection(bot, { directory });
    expect(second.health()).toMatchObject({ keysStored: true, crossSigned: true, backup: true });
    await expect(setUpKeys(second)).rejects.toThrow(/give its recovery key/);
    const { recoveryKey: another } = await setUpKeys(second, { password: bot.password, replace: true });
    expect(another).not.toBe(recoveryKey);
    await expect.poll(() => second.health(), patience).toMatchObject({ crossSigned: true, backup: true });
  });

  it("bring what was said before to a new device that has the recovery key", async () => {
    const { bot, ada } = await twoUsers();
    const person = await startPerson(ada);
    const first = await startConnection(bot);
    const { recoveryKey } = await setUpKeys(first, { password: bot.password });
    const room = await person.createRoom({ invite: [bot.userId] });
    await expect.poll(() => person.client.getRoom(room)?.getJoinedMemberCount(), patience).toBe(2);
    await person.client.sendTextMessage(room, "remember this");
    await expect.poll(() => first.heard, patience).toEqual(["remember this"]);
    await expect.poll(() => backedUp(bot), patience).toBeGreaterThan(0);
    await first.close();

    const second = await startConnection(await logIn(bot), { recoveryKey });
    expect(second.health()).toMatchObject({ keysStored: true, crossSigned: true, backup: true });
    const texts = () =>
      second.client
        .getRoom(room)
        ?.getLiveTimeline()
        .getEvents()
        .map((event) => event.getContent().body);
    for (const event of second.client.getRoom(room)?.getLiveTimeline().getEvents() ?? []) {
      await second.client.decryptEventIfNeeded(event);
    }
    await expect.poll(texts, patience).toContain("remember this");
    expect(await restoreKeys(second)).toEqual({ roomKeys: expect.any(Number) });
  });

  it("are made at the first start, where a recovery key for them is kept already", async () => {
    const { bot } = await twoUsers();
    const [directory, recoveryKey] = [temporaryFolder(), newRecoveryKey()];
    const first = await startConnection(bot, { directory, recoveryKey, password: bot.password });
    expect(first.health()).toMatchObject({ keysStored: true, crossSigned: true, backup: true });
    await first.close();
    const second = await startConnection(await logIn(bot), { recoveryKey });
    expect(second.health()).toMatchObject({ keysStored: true, crossSigned: true, backup: true });
  });

  it("are not touched by a wrong recovery key, and the health says so", async () => {
    const { bot } = await twoUsers();
    const first = await startConnection(bot);
    await setUpKeys(first, { password: bot.password });
    const stranger = await synapse.registerUser(`stranger${count}`);
    const { recoveryKey: wrong } = await setUpKeys(await startConnection(stranger), { password: stranger.password });
    const second = await startConnection(await logIn(bot), { recoveryKey: wrong });
    expect(second.health()).toMatchObject({ keysStored: true, crossSigned: false });
    expect(second.health().problem).toMatch(/recovery key does not open.*--relogin/);
    const directory = temporaryFolder();
    const noKey = openTestConnection(bot, { homeserver: synapse.url, directory, recoveryKey: "no key at all" });
    await expect(noKey).rejects.toThrow(/no Matrix recovery key/);
  });

  it("are not replaced while the homeserver does not show the identity that they belong to", async () => {
    const { bot } = await twoUsers();
    const { recoveryKey } = await setUpKeys(await startConnection(bot), { password: bot.password });
    const proxy = await startHomeserverProxy(synapse.url);
    onTestFinished(() => proxy.stop());
    proxy.answer((path) => path.includes("/keys/query"), 200, { device_keys: {} });
    const another = { homeserver: proxy.url, directory: temporaryFolder(), recoveryKey: newRecoveryKey() };
    const second = await openTestConnection(await logIn(bot), { ...another, password: bot.password });
    await second.start();
    expect(second.health().problem).toMatch(/recovery key does not open.*--relogin/);
    const third = await startConnection(await logIn(bot), { recoveryKey });
    expect(third.health()).toMatchObject({ keysStored: true, crossSigned: true, backup: true });
  });

  it("ask for the password where the homeserver wants one", async () => {
    const { bot } = await twoUsers();
    const proxy = await startHomeserverProxy(synapse.url);
    onTestFinished(() => proxy.stop());
    const connection = await openTestConnection(bot, { homeserver: proxy.url, directory: temporaryFolder() });
    await connection.start();
    proxy.answer((path) => path.includes("device_signing/upload"), 401, {
      ...{ session: "s", params: {}, flows: [{ stages: ["m.login.password"] }] },
    });
    await expect(setUpKeys(connection)).rejects.toThrow(/wants the password of @bot/);
  });
});

describe.skipIf(!canRun)("a verification by emojis", { timeout: 60_000 }, () => {
  /** Plays the owner's client: begins, shows its own emojis, and says yes. */
  async function compare(request: VerificationRequest): Promise<string[]> {
    const symbols = Promise.withResolvers<string[]>();
    await until(request, () => request.phase === VerificationPhase.Ready);
    const verifier = await request.startVerification("m.sas.v1");
    verifier.on(VerifierEvent.ShowSas, (sas: ShowSasCallbacks) => {
      symbols.resolve((sas.sas.emoji ?? []).map(([symbol]) => symbol));
      void sas.confirm();
    });
    verifier.verify().catch(symbols.reject);
    return symbols.promise;
  }

  function until(request: VerificationRequest, there: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      if (there()) resolve();
      else if (request.phase === VerificationPhase.Cancelled) reject(new Error("cancelled"));
    };
    request.on(VerificationRequestEvent.Change, look);
    look();
    return promise;
  }

  it("ends with an owner who sees the agent as verified, and the other way round", async () => {
    const { bot, ada } = await twoUsers();
    const person = await startPerson(ada);
    const connection = await startConnection(bot);
    await setUpKeys(connection, { password: bot.password });
    const shown = Promise.withResolvers<{ emojis: readonly Emoji[]; confirm(): Promise<void> }>();
    const done = Promise.withResolvers<unknown>();
    using _verifications = acceptVerifications({
      ...{ client: connection.client, log: silent, isOwner: (user) => user === ada.userId },
      onEmojis: (emojis, confirm) => shown.resolve({ emojis, confirm }),
      onDone: done.resolve,
    });
    const room = await person.createRoom({ invite: [bot.userId] });
    await expect.poll(() => person.client.getRoom(room)?.getJoinedMemberCount(), patience).toBe(2);
    const crypto = person.client.getCrypto();
    if (!crypto) throw new Error("no crypto");
    await crypto.getUserDeviceInfo([bot.userId], true);

    const request = await crypto.requestVerificationDM(bot.userId, room);
    const [symbols, { emojis, confirm }] = await Promise.all([compare(request), shown.promise]);
    expect(emojis.map(({ symbol }) => symbol)).toEqual(symbols);
    expect(emojis).toHaveLength(7);
    expect((await crypto.getUserVerificationStatus(bot.userId)).isCrossSigningVerified()).toBe(false);
    await confirm();
    expect(await done.promise).toEqual({ user: ada.userId, verified: true });
    await until(request, () => request.phase === VerificationPhase.Done);
    await expect
      .poll(async () => (await crypto.getUserVerificationStatus(bot.userId)).isCrossSigningVerified(), patience)
      .toBe(true);
    const mine = connection.client.getCrypto();
    await expect
      .poll(async () => (await mine?.getUserVerificationStatus(ada.userId))?.isCrossSigningVerified(), patience)
      .toBe(true);
  });

  it("can be asked for between the devices, without a room, and is for the whole identity then too", async () => {
    const { bot, ada } = await twoUsers();
    const person = await startPerson(ada);
    const connection = await startConnection(bot);
    await setUpKeys(connection, { password: bot.password });
    const shown = Promise.withResolvers<{ emojis: readonly Emoji[]; confirm(): Promise<void>; who: object }>();
    const done = Promise.withResolvers<unknown>();
    using _verifications = acceptVerifications({
      ...{ client: connection.client, log: silent, isOwner: (user) => user === ada.userId },
      onEmojis: (emojis, confirm, _cancel, who) => shown.resolve({ emojis, confirm, who }),
      onDone: done.resolve,
    });
    // They know of each other's keys by a room that they share; nothing of this is said in it.
    const room = await person.createRoom({ invite: [bot.userId] });
    await expect.poll(() => person.client.getRoom(room)?.getJoinedMemberCount(), patience).toBe(2);
    const [crypto, mine] = [person.client.getCrypto(), connection.client.getCrypto()];
    if (!crypto || !mine) throw new Error("no crypto");
    await crypto.getUserDeviceInfo([bot.userId], true);

    const request = await crypto.requestDeviceVerification(bot.userId, connection.deviceId);
    const [symbols, { emojis, confirm, who }] = await Promise.all([compare(request), shown.promise]);
    expect(emojis.map(({ symbol }) => symbol)).toEqual(symbols);
    expect(who).toEqual({ user: ada.userId, device: ada.deviceId, room: undefined });
    await confirm();
    expect(await done.promise).toEqual({ user: ada.userId, verified: true });
    await until(request, () => request.phase === VerificationPhase.Done);
    for (const [side, other] of [
      [crypto, bot.userId],
      [mine, ada.userId],
    ] as const)
      await expect
        .poll(async () => (await side.getUserVerificationStatus(other)).isCrossSigningVerified(), patience)
        .toBe(true);
    expect(connection.heard).toEqual([]);
  });

  it("is declined to anybody else", async () => {
    const { bot, ada } = await twoUsers();
    const person = await startPerson(ada);
    const connection = await startConnection(bot);
    await setUpKeys(connection, { password: bot.password });
    using _verifications = acceptVerifications({
      ...{ client: connection.client, log: silent, isOwner: () => false },
      onEmojis: () => expect.unreachable(),
    });
    const asked = Promise.withResolvers<void>();
    connection.client.on(CryptoEvent.VerificationRequestReceived, () => asked.resolve());
    const room = await person.createRoom({ invite: [bot.userId] });
    await expect.poll(() => person.client.getRoom(room)?.getJoinedMemberCount(), patience).toBe(2);
    await person.client.getCrypto()?.getUserDeviceInfo([bot.userId], true);
    const request = await person.client.getCrypto()?.requestVerificationDM(bot.userId, room);
    await asked.promise;
    await expect.poll(() => request?.phase, patience).toBe(VerificationPhase.Cancelled);
  });
});
