import { readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { startHomeserverProxy } from "../support/homeserver-proxy.ts";
import { openTestConnection, type TestConnection } from "../support/matrix-connection.ts";
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
  const person = await startMatrixPerson({ url: synapse.url, user });
  onTestFinished(() => person.stop());
  return person;
}

/** A room of the two, in which both are. */
async function roomOfTwo(person: MatrixPerson, connection: TestConnection, encrypted = true): Promise<string> {
  const room = await person.createRoom({ invite: [connection.userId], encrypted });
  await expect.poll(() => person.client.getRoom(room)?.getJoinedMemberCount(), patience).toBe(2);
  return room;
}

describe.skipIf(!canRun)("a Matrix connection", { timeout: 60_000 }, () => {
  it("hands over what was said while it was away, in order and once", async () => {
    const { bot, ada } = await twoUsers();
    const [directory, person] = [temporaryFolder(), await startPerson(ada)];
    const first = await openTestConnection(bot, { homeserver: synapse.url, directory });
    expect(first.isFirstStart).toBe(true);
    await first.start();
    const room = await roomOfTwo(person, first);
    await person.client.sendTextMessage(room, "there");
    await expect.poll(() => first.heard, patience).toEqual(["there"]);
    await first.close();

    const said = Array.from({ length: 120 }, (_, index) => `away ${index}`);
    for (const text of said) await person.client.sendTextMessage(room, text);
    const second = await openTestConnection(bot, { homeserver: synapse.url, directory });
    expect(second.isFirstStart).toBe(false);
    await second.start();
    await expect.poll(() => second.heard, patience).toEqual(said);
    expect(second.gaps).toEqual([{ count: expect.any(Number), complete: true }]);
    expect(new Set(second.handedOver).size).toBe(second.handedOver.length);
  });

  it("hears what was said between the invitation and its coming", async () => {
    const { bot, ada } = await twoUsers();
    const person = await startPerson(ada);
    const connection = await openTestConnection(
      ...([bot, { homeserver: synapse.url, directory: temporaryFolder() }] as const),
      { async onInvite() {} },
    );
    await connection.start();
    const room = await person.createRoom({ encrypted: false });
    await person.client.sendTextMessage(room, "before");
    await person.client.invite(room, bot.userId);
    await person.client.sendTextMessage(room, "after");
    await connection.client.joinRoom(room);
    await expect.poll(() => connection.heard, patience).toEqual(["after"]);
  });

  it("is told again what could not be written down, and moves on only then", async () => {
    const { bot, ada } = await twoUsers();
    const [directory, person] = [temporaryFolder(), await startPerson(ada)];
    const heard: string[] = [];
    let failures = 3;
    const connection = await openTestConnection(...([bot, { homeserver: synapse.url, directory }] as const), {
      async onEvents(_room, events) {
        const texts = events
          .filter((event) => event.getSender() === ada.userId)
          .map((event) => event.getContent().body);
        if (texts.includes("one") && failures-- > 0) throw new Error("the disk is full");
        heard.push(...texts.filter((text) => text !== undefined));
      },
    });
    await connection.start();
    const room = await roomOfTwo(person, connection, false);
    await person.client.sendTextMessage(room, "one");
    await expect.poll(() => connection.health().problem, patience).toMatch(/the disk is full/);
    await person.client.sendTextMessage(room, "two");
    await expect.poll(() => heard, patience).toEqual(["one", "two"]);
    expect(connection.health().problem).toBeUndefined();
  });

  it("answers a message whose keys come late", async () => {
    const { bot, ada } = await twoUsers();
    const [directory, person] = [temporaryFolder(), await startPerson(ada)];
    const proxy = await startHomeserverProxy(synapse.url);
    onTestFinished(() => proxy.stop());
    const first = await openTestConnection(bot, { homeserver: proxy.url, directory });
    await first.start();
    const room = await roomOfTwo(person, first);
    await person.client.sendTextMessage(room, "one");
    await expect.poll(() => first.heard, patience).toEqual(["one"]);

    // The keys are cut out of what the homeserver brings, and brought later: also after a restart.
    const kept: unknown[] = [];
    let isLate = true;
    proxy.rewrite((path, body) => {
      if (!path.includes("/v3/sync")) return body;
      const sync = JSON.parse(body);
      const events = sync.to_device?.events ?? [];
      if (isLate) kept.push(...events);
      sync.to_device = { events: isLate ? [] : [...kept.splice(0), ...events] };
      return JSON.stringify(sync);
    });
    await person.client.getCrypto()?.forceDiscardSession(room);
    await person.client.sendTextMessage(room, "two");
    await expect.poll(() => first.health().waitingForKeys, patience).toBe(1);
    expect(first.health().undecryptable).toBe(1);
    await first.close();

    const second = await openTestConnection(bot, { homeserver: proxy.url, directory });
    await second.start();
    await person.client.sendTextMessage(room, "three");
    await expect.poll(() => second.health().waitingForKeys, patience).toBe(2);
    expect(second.heard).toEqual([]);
    isLate = false;
    await person.client.sendTyping(room, false, 0);
    await person.client.setRoomName(room, "wakes the sync");
    await expect.poll(() => second.heard, patience).toEqual(["late: two", "late: three"]);
    expect(second.health().waitingForKeys).toBe(0);
  });

  it("refuses a ciphertext that comes a second time as another event", async () => {
    const { bot, ada } = await twoUsers();
    const person = await startPerson(ada);
    const connection = await openTestConnection(bot, { homeserver: synapse.url, directory: temporaryFolder() });
    await connection.start();
    const room = await roomOfTwo(person, connection);
    await person.client.sendTextMessage(room, "pay");
    await expect.poll(() => connection.heard, patience).toEqual(["pay"]);
    const sent = person.client
      .getRoom(room)
      ?.getLiveTimeline()
      .getEvents()
      .findLast((event) => event.isEncrypted());
    await fetch(`${synapse.url}/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.room.encrypted/again`, {
      method: "PUT",
      headers: { authorization: `Bearer ${ada.accessToken}` },
      body: JSON.stringify(sent?.getWireContent()),
    });
    await person.client.sendTextMessage(room, "thanks");
    await expect.poll(() => connection.heard, patience).toEqual(["pay", "thanks"]);
  });

  it("says how to come back when its login is gone, and has its keys then", async () => {
    const { bot, ada } = await twoUsers();
    const [directory, person] = [temporaryFolder(), await startPerson(ada)];
    const proxy = await startHomeserverProxy(synapse.url);
    onTestFinished(() => proxy.stop());
    const first = await openTestConnection(bot, { homeserver: proxy.url, directory });
    await first.start();
    const room = await roomOfTwo(person, first);
    proxy.answer((path) => path.includes("/sync"), 401, {
      errcode: "M_UNKNOWN_TOKEN",
      error: "gone",
      soft_logout: true,
    });
    await person.client.sendTextMessage(room, "wakes the sync");
    await expect.poll(() => first.health().problem, patience).toMatch(/memtrix onboard --relogin/);
    await first.close();

    await fetch(`${synapse.url}/_matrix/client/v3/logout`, {
      ...{ method: "POST", headers: { authorization: `Bearer ${bot.accessToken}` } },
    });
    const refused = openTestConnection(bot, { homeserver: synapse.url, directory });
    await expect(refused).rejects.toThrow(/memtrix onboard --relogin/);
    await expect(refused).rejects.toBeInstanceOf(ConfigError);
    expect(readdirSync(directory)).toHaveLength(1);
  });

  it("never makes a new identity where the homeserver knows the device's keys", async () => {
    const { bot } = await twoUsers();
    const directory = temporaryFolder();
    const first = await openTestConnection(bot, { homeserver: synapse.url, directory });
    await first.start();
    expect(first.health().keysStored).toBe(true);
    await first.close();

    const [folder = ""] = readdirSync(directory);
    renameSync(join(directory, folder), join(directory, "away"));
    const without = openTestConnection(bot, { homeserver: synapse.url, directory });
    await expect(without).rejects.toThrow(/put that folder back.*memtrix onboard --relogin/);
    rmSync(join(directory, folder), { recursive: true });
    renameSync(join(directory, "away"), join(directory, folder));
    const back = await openTestConnection(bot, { homeserver: synapse.url, directory });
    await back.start();
    expect(back.health()).toMatchObject({ keysStored: true });
  });

  it("waits for a homeserver that is away, and says so", async () => {
    const { bot } = await twoUsers();
    await synapse.pause();
    const told = Promise.withResolvers<string>();
    const opening = openTestConnection(bot, {
      ...{ homeserver: synapse.url, directory: temporaryFolder() },
      onWaiting: (problem) => problem !== undefined && told.resolve(problem),
    });
    expect(await told.promise).toMatch(/does not answer/);
    await synapse.resume();
    const connection = await opening;
    await connection.start();
    expect(connection.health().problem).toBeUndefined();
  });

  it("keeps no words on its disk that were taken back", async () => {
    const { bot, ada } = await twoUsers();
    const [directory, person] = [temporaryFolder(), await startPerson(ada)];
    const first = await openTestConnection(bot, { homeserver: synapse.url, directory });
    await first.start();
    const room = await roomOfTwo(person, first, false);
    const { event_id } = await person.client.sendTextMessage(room, "a word too much");
    await expect.poll(() => first.heard, patience).toEqual(["a word too much"]);
    const redaction = await person.client.redactEvent(room, event_id);
    await expect.poll(() => first.handedOver, patience).toContain(redaction.event_id);
    await first.close();
    const folder = join(directory, readdirSync(directory)[0] ?? "");
    const files = readdirSync(folder).filter((name) => name.startsWith("device"));
    expect(files).toContain("device.db");
    for (const name of files) expect(readFileSync(join(folder, name), "latin1")).not.toContain("a word too much");
  });

  it("stops when its keys cannot be written, and has lost nothing at the next start", async () => {
    const { bot, ada } = await twoUsers();
    const [directory, person] = [temporaryFolder(), await startPerson(ada)];
    const ended = Promise.withResolvers<string>();
    const first = await openTestConnection(bot, { homeserver: synapse.url, directory }, { onEnded: ended.resolve });
    await first.start();
    const room = await roomOfTwo(person, first);
    await person.client.sendTextMessage(room, "one");
    await expect.poll(() => first.heard, patience).toEqual(["one"]);

    const path = join(directory, readdirSync(directory)[0] ?? "", "device.db");
    const database = new DatabaseSync(path);
    onTestFinished(() => database.close());
    database.exec("CREATE TRIGGER full BEFORE INSERT ON record BEGIN SELECT RAISE(ABORT, 'disk full'); END");
    await person.client.getCrypto()?.forceDiscardSession(room);
    await person.client.sendTextMessage(room, "two");
    expect(await ended.promise).toMatch(/disk full.*start Memtrix again/);
    expect(first.health().problem).toMatch(/disk full/);
    await first.close();
    expect(first.heard).toEqual(["one"]);

    database.exec("DROP TRIGGER full");
    const second = await openTestConnection(bot, { homeserver: synapse.url, directory });
    await second.start();
    await expect.poll(() => second.heard, patience).toEqual(["two"]);
  });

  it("begins a sync again that has gone silent", async () => {
    const { bot, ada } = await twoUsers();
    const person = await startPerson(ada);
    const proxy = await startHomeserverProxy(synapse.url);
    onTestFinished(() => proxy.stop());
    const options = { homeserver: proxy.url, directory: temporaryFolder(), silenceMs: 2_000 };
    const connection = await openTestConnection(bot, options);
    await connection.start();
    const room = await roomOfTwo(person, connection);
    const syncs: string[] = [];
    const hold = proxy.hold((_method, path) => path.includes("/sync") && syncs.push(path) === 1);
    onTestFinished(() => hold.release());
    await person.client.sendTextMessage(room, "one");
    await person.client.sendTextMessage(room, "two");
    await expect.poll(() => connection.heard, patience).toEqual(["one", "two"]);
  });
});
