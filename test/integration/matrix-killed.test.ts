import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ClientEvent, type MatrixEvent, MatrixEventEvent } from "matrix-js-sdk";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { type Exchange, type HomeserverProxy, startHomeserverProxy } from "../support/homeserver-proxy.ts";
import { startMatrixPerson } from "../support/matrix-person.ts";
import { startSynapse, type TestSynapse, type TestUser } from "../support/synapse.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";
import { temporaryFolder } from "../support/temporary.ts";

const kills = Number(process.env.MEMTRIX_TEST_KILLS ?? 20);

const canRun = await canRunSynapse();
let synapse: TestSynapse;
let proxy: HomeserverProxy;

beforeAll(async () => {
  if (!canRun) return;
  synapse = await startSynapse();
  proxy = await startHomeserverProxy(synapse.url);
}, 600_000);

afterAll(async () => {
  await proxy?.stop();
  await synapse?.stop();
});

function startEcho(user: TestUser, directory: string) {
  const child = fork(join(import.meta.dirname, "../support/matrix-echo.ts"), [
    ...[proxy.url, user.userId, user.accessToken, directory],
  ]);
  const unreadable: unknown[] = [];
  child.on("message", (message) => {
    if (typeof message === "object" && "unreadable" in message) unreadable.push(message.unreadable);
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return { child, unreadable };
}

async function kill(child: ChildProcess): Promise<void> {
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

it.skipIf(!canRun)("an encrypted conversation goes on over any number of kills", { timeout: 300_000 }, async () => {
  const [bot, ada] = [await synapse.registerUser("memtrix"), await synapse.registerUser("ada")];
  const directory = temporaryFolder();
  const person = await startMatrixPerson({ url: synapse.url, user: ada });
  onTestFinished(() => person.stop());
  const room = await person.createRoom({ invite: [bot.userId] });

  const answers: string[] = [];
  const unreadable = new Set<string>();
  const heard = (event: MatrixEvent): void => {
    const id = event.getId() ?? "";
    if (event.getSender() !== bot.userId) return;
    if (event.isDecryptionFailure()) unreadable.add(id);
    else if (event.getType() === "m.room.message") {
      unreadable.delete(id);
      answers.push(String(event.getContent().body));
    }
  };
  person.client.on(ClientEvent.Event, (event) => {
    if (event.isEncrypted()) event.on(MatrixEventEvent.Decrypted, heard);
    else heard(event);
  });

  let echo = startEcho(bot, directory);
  await once(echo.child, "message");
  await expect.poll(() => person.client.getRoom(room)?.getJoinedMemberCount(), { timeout: 10_000 }).toBe(2);

  const said: string[] = [];
  const failures: unknown[] = [];
  const claimed: string[] = [];
  let killed = 0;
  const say = async (): Promise<void> => {
    const text = `message ${said.length + 1}`;
    said.push(text);
    await person.client.sendTextMessage(room, text);
  };
  while (killed < kills) {
    for (let count = 0; count < 3; count += 1) await say();
    // Somebody uses up a one-time key, so that new ones are made and offered all the time.
    claimed.push(...(await claimKey(ada, bot)));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 700));
    if (killed % 4 === 3) await person.client.getCrypto()?.forceDiscardSession(room);
    await kill(echo.child);
    failures.push(...echo.unreadable);
    killed += 1;
    await say();
    echo = startEcho(bot, directory);
    if (killed % 2 === 0) await once(echo.child, "message");
  }
  await expect.poll(() => new Set(answers).size, { timeout: 60_000 }).toBe(said.length);
  failures.push(...echo.unreadable);
  await kill(echo.child);

  expect(answers.toSorted()).toEqual(said.map((text) => `re: ${text}`).toSorted());
  expect(failures).toEqual([]);
  expect([...unreadable]).toEqual([]);
  const uploads = proxy.exchanges.filter(({ path }) => path.includes("/keys/upload"));
  expect(uploads.filter(({ status }) => status !== 200)).toEqual([]);
  expect(new Set(uploads.map(identityOf).filter((keys) => keys !== "unchanged")).size).toBe(1);
  expect(keysOfferedTwice(uploads)).toEqual([]);
  expect(claimed.length).toBeGreaterThan(kills / 2);
  expect(new Set(claimed).size).toBe(claimed.length);
  console.log(`${killed} kills, ${said.length} messages, ${uploads.length} uploads of keys, none lost`);
});

async function claimKey({ accessToken }: TestUser, of: TestUser): Promise<string[]> {
  const response = await fetch(`${synapse.url}/_matrix/client/v3/keys/claim`, {
    method: "POST",
    headers: { authorization: `Bearer ${accessToken}` },
    body: JSON.stringify({ one_time_keys: { [of.userId]: { [of.deviceId]: "signed_curve25519" } } }),
  });
  const { one_time_keys } = (await response.json()) as Claimed;
  const keys = Object.values(one_time_keys[of.userId]?.[of.deviceId] ?? {});
  // The one that stands in when all others are used up may come more than once.
  return keys.filter(({ fallback }) => !fallback).map(({ key }) => key);
}

interface Claimed {
  one_time_keys: Record<string, Record<string, Record<string, { key: string; fallback?: boolean }>>>;
}

function identityOf({ body }: Exchange): string {
  return JSON.stringify(JSON.parse(body).device_keys?.keys) ?? "unchanged";
}

/** The names of keys that the homeserver took, and that were uploaded again as something else. */
function keysOfferedTwice(uploads: readonly Exchange[]): string[] {
  const offered = new Map<string, string>();
  return uploads.flatMap(({ body }) =>
    Object.entries(JSON.parse(body).one_time_keys ?? {}).flatMap(([name, key]) => {
      const before = offered.get(name);
      const text = JSON.stringify((key as { key: string }).key);
      offered.set(name, text);
      return before === undefined || before === text ? [] : [name];
    }),
  );
}
