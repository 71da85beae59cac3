import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { startMatrixPerson } from "./matrix-person.ts";
import { createPerson, type Person } from "./person.ts";
import { createSeenEvents, type SeenEvent } from "./seen-events.ts";
import type { TestUser } from "./synapse.ts";
import { synapsePython } from "./synapse-venv.ts";

type Line = { event: SeenEvent } | { id: number; result?: unknown; error?: string };

/** A person with matrix-nio: another implementation of Matrix and its encryption than ours. Ready when its first sync has come. */
export async function startNioPerson({ url, user }: { url: string; user: TestUser }): Promise<Person> {
  const python = await synapsePython();
  if (python === undefined) throw new Error("matrix-nio cannot be had here: skip these tests by canRunSynapse()");
  const { userId, deviceId, accessToken } = user;
  const child = spawn(python, [join(import.meta.dirname, "nio_person.py")], { stdio: ["pipe", "pipe", "inherit"] });
  const seen = createSeenEvents();
  const open = new Map<number, PromiseWithResolvers<unknown>>();

  createInterface({ input: child.stdout }).on("line", (text) => {
    const line = JSON.parse(text) as Line;
    if ("event" in line) return seen.add(line.event);
    const { id, result, error } = line;
    if (error === undefined) open.get(id)?.resolve(result);
    else open.get(id)?.reject(new Error(`matrix-nio: ${error}`));
    open.delete(id);
  });
  child.once("exit", (code) => {
    for (const { reject } of open.values()) reject(new Error(`matrix-nio ended with ${code}`));
  });

  let last = 0;
  function answer(): Promise<unknown> {
    const answer = Promise.withResolvers<unknown>();
    open.set(last++, answer);
    return answer.promise;
  }
  function call(method: string, params: object): Promise<unknown> {
    child.stdin.write(`${JSON.stringify({ id: last, method, params })}\n`);
    return answer();
  }

  child.stdin.write(`${JSON.stringify({ url, userId, deviceId, accessToken })}\n`);
  await answer();

  return createPerson({
    ...{ userId, deviceId, seen },
    createRoom: ({ invite = [], name = "", encrypted = true, direct = true }) =>
      call("create_room", { invite, name, encrypted, direct }) as Promise<string>,
    async join(roomId) {
      await call("join", { room_id: roomId });
    },
    sendEvent: (roomId, type, content) => call("send_event", { room_id: roomId, type, content }) as Promise<string>,
    redact: (roomId, eventId) => call("redact", { room_id: roomId, event_id: eventId }) as Promise<string>,
    upload: (roomId, { bytes, type, name }) =>
      call("upload", { room_id: roomId, bytes: Buffer.from(bytes).toString("base64"), type, name }) as Promise<
        { url: string } | { file: object }
      >,
    async download({ url = null, file = null }) {
      return Buffer.from(String(await call("download", { url, file })), "base64");
    },
    async stop() {
      if (child.exitCode !== null) return;
      child.stdin.end();
      await once(child, "exit");
    },
  });
}

/** The same, on a device that counts as theirs: one that they have beside it has signed it, as people do by emojis. */
export async function startVerifiedNioPerson({ url, user }: { url: string; user: TestUser }): Promise<Person> {
  const identifier = { type: "m.id.user", user: user.userId };
  const login = await fetch(`${url}/_matrix/client/v3/login`, {
    ...{ method: "POST", body: JSON.stringify({ type: "m.login.password", identifier, password: user.password }) },
  });
  const { access_token: accessToken, device_id: deviceId } = (await login.json()) as Record<string, string>;
  const person = await startNioPerson({
    url,
    user: { ...user, accessToken: accessToken ?? "", deviceId: deviceId ?? "" },
  });
  const other = await startMatrixPerson({ url, user, crossSigned: true });
  const crypto = other.client.getCrypto();
  await crypto?.getUserDeviceInfo([user.userId], true);
  await crypto?.crossSignDevice(person.deviceId);
  await other.stop();
  return person;
}
