import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { ModelError } from "../../src/model-error.ts";
import { dictatedModel } from "../support/dictated-model.ts";
import { startHomeserverProxy } from "../support/homeserver-proxy.ts";
import { type MatrixPerson, startMatrixPerson } from "../support/matrix-person.ts";
import { type MatrixRigOptions, startMatrixRig } from "../support/matrix-rig.ts";
import { relationOfEvent } from "../support/person.ts";
import { scriptedModel } from "../support/scripted-model.ts";
import type { SeenEvent } from "../support/seen-events.ts";
import { startSynapse, type TestSynapse, type TestUser } from "../support/synapse.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";

const can = await canRunSynapse();

describe.skipIf(!can)("at a homeserver with Synapse's own limits", { timeout: 90_000 }, () => {
  let synapse: TestSynapse;
  let next = 0;
  beforeAll(async () => {
    synapse = await startSynapse({ rateLimits: "default", settings: { stats: { enabled: true } } });
  }, 120_000);
  afterAll(() => synapse?.stop());

  async function someone(name: string): Promise<MatrixPerson> {
    const user = await synapse.registerUser(`${name}${++next}`);
    const person = await startMatrixPerson({ url: synapse.url, user, crossSigned: true });
    onTestFinished(() => person.stop());
    return person;
  }

  async function pair(options: Partial<MatrixRigOptions> = {}) {
    const agent = await synapse.registerUser(`agent${++next}`);
    const person = await someone("owner");
    const owners = [person.userId];
    const rig = await startMatrixRig({ url: synapse.url, agent, owners, model: scriptedModel("Yes?"), ...options });
    onTestFinished(() => rig.stop());
    return { agent, person, rig };
  }

  async function room(options: Partial<MatrixRigOptions> = {}) {
    const all = await pair(options);
    const room = await all.person.createRoom({ invite: [all.agent.userId] });
    await all.person.waitForJoin(room, all.agent.userId);
    return { ...all, room };
  }

  async function comeIn({ accessToken }: TestUser, roomId: string): Promise<void> {
    const path = `${synapse.url}/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/join`;
    const headers = { authorization: `Bearer ${accessToken}` };
    expect((await fetch(path, { method: "POST", headers, body: "{}" })).status).toBe(200);
  }

  async function membersOf(person: MatrixPerson, roomId: string, membership: string): Promise<string[]> {
    const { chunk } = await person.client.members(roomId, membership as never);
    return (chunk as { state_key: string }[]).map(({ state_key }) => state_key);
  }

  const editsOf = (person: MatrixPerson, event: string): SeenEvent[] =>
    person.seen().filter((one) => {
      const { rel_type, event_id } = relationOfEvent(one);
      return rel_type === "m.replace" && event_id === event;
    });
  const shownBy = ({ content }: SeenEvent): string =>
    String((content["m.new_content"] as { body?: unknown } | undefined)?.body ?? content.body);
  const isRedactionOf = (event: string) => (one: SeenEvent) =>
    one.type === "m.room.redaction" && one.content.redacts === event;

  describe("an answer that is shown while it is written", () => {
    async function draft(options: Partial<MatrixRigOptions> = {}) {
      const dictated = dictatedModel();
      const all = await room({ model: dictated.model, settings: { streaming: "on" }, ...options });
      await all.person.send(all.room, "tell me");
      await dictated.asked;
      dictated.say("Once ");
      const first = await all.person.waitForMessage(all.room);
      expect(first).toMatchObject({ encrypted: true, content: { body: "Once …", "m.mentions": {} } });
      return { ...all, dictated, first };
    }

    it("is edited no faster than the homeserver lets, and is whole in the end", async () => {
      const { agent, person, room: where, rig, dictated, first } = await draft();
      const words = Array.from({ length: 60 }, (_, index) => `word${index} `);
      for (const word of words) {
        dictated.say(word);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      dictated.say(person.userId);
      dictated.finish();
      const whole = `Once ${words.join("")}`;
      const last = await person.waitFor((one) => shownBy(one).startsWith(whole), { limitMs: 60_000 });
      expect(relationOfEvent(last)).toMatchObject({ rel_type: "m.replace", event_id: first.eventId });
      // The one who is mentioned hears of it with the answer, and not before.
      expect(last.content).toMatchObject({
        "m.mentions": { user_ids: [person.userId] },
        "m.new_content": { "m.mentions": { user_ids: [person.userId] } },
      });
      await person.send(where, "/status");
      await person.waitForMessage(where, ({ content }) => String(content.body).includes("agent"), { limitMs: 60_000 });
      const edits = editsOf(person, first.eventId);
      expect(edits.at(-1)).toBe(last);
      expect(edits.length).toBeLessThanOrEqual(9); // Eight in a burst, less the draft itself, and the answer.
      const messages = person.seen().filter(({ sender, type }) => sender === agent.userId && type === "m.room.message");
      expect(messages.filter((one) => relationOfEvent(one).rel_type === undefined)).toHaveLength(2);
      expect(rig.store.outbox.waiting("matrix")).toEqual([]);
    });

    it("gives way to the sentence that says why, when the model fails", async () => {
      const { person, dictated, first } = await draft();
      dictated.fail(new ModelError("unauthorized", "The key was refused."));
      const last = await person.waitFor((one) => shownBy(one) === "The key was refused.");
      expect(relationOfEvent(last)).toMatchObject({ rel_type: "m.replace", event_id: first.eventId });
    });

    it("is taken back when it is stopped", async () => {
      const { person, room: where, first } = await draft();
      await person.send(where, "/stop");
      await person.waitFor(isRedactionOf(first.eventId), { limitMs: 30_000 });
      await person.waitForMessage(where, ({ content }) => String(content.body).startsWith("Stopped"));
    });

    it("is taken back when the question is", async () => {
      const { person, room: where, first } = await draft();
      const question = person.seen().find(({ content }) => content.body === "tell me");
      await person.redact(where, question?.eventId ?? "");
      await person.waitFor(isRedactionOf(first.eventId), { limitMs: 30_000 });
    });
  });

  it("shows 👀 on a message whose answer takes long, and takes it away again", async () => {
    const dictated = dictatedModel();
    const { agent, person, room: where } = await room({ model: dictated.model, settings: { eyes: "on" } });
    const asked = await person.send(where, "think about it");
    const isEyes = (one: SeenEvent) => one.sender === agent.userId && relationOfEvent(one).key === "👀";
    const eyes = await person.waitFor(isEyes, { limitMs: 30_000 });
    expect(relationOfEvent(eyes)).toMatchObject({ rel_type: "m.annotation", event_id: asked });
    dictated.say("I have.");
    dictated.finish();
    await person.waitForMessage(where, ({ content }) => content.body === "I have.");
    await person.waitFor(isRedactionOf(eyes.eventId), { limitMs: 30_000 });
  });

  it("loses nothing of much that must leave at once, and sends answers before notices", async () => {
    const { agent, person, room: where, rig } = await room();
    await person.ask(where, "hello");
    const say = (body: string, kind: "answer" | "notice") =>
      rig.store.outbox.add({
        ...{ channel: "matrix", agent: "main", conversation: `matrix:${where}`, answers: [], kind },
        events: [{ type: "m.room.message", content: { msgtype: "m.text", body, "m.mentions": {} } }],
      });
    const numbered = (what: string, count: number) => Array.from({ length: count }, (_, index) => `${what} ${index}`);
    const [notices, answers] = [numbered("notice", 5), numbered("answer", 8)];
    const began = performance.now();
    for (const notice of notices) say(notice, "notice");
    for (const answer of answers) say(answer, "answer");
    await person.waitForMessage(where, ({ content }) => content.body === "notice 4", { limitMs: 80_000 });
    const tookMs = performance.now() - began;

    const bodies = person
      .seen()
      .filter(({ sender, type, encrypted }) => sender === agent.userId && type === "m.room.message" && encrypted)
      .map(({ content }) => String(content.body))
      .slice(1);
    // A notice may be on its way when the first answer comes.
    expect(bodies.filter((body) => body.startsWith("answer"))).toEqual(answers);
    expect(bodies.filter((body) => body.startsWith("notice"))).toEqual(notices);
    expect(bodies.indexOf("answer 7")).toBeLessThan(bodies.indexOf("notice 1"));
    expect(rig.store.outbox.waiting("matrix")).toEqual([]);
    // Fourteen with the first answer: ten at once, then one in five seconds.
    expect(tookMs).toBeGreaterThan(10_000);
  });

  it("has a name, a picture, a room with its owner that is known as direct, and a space that holds it", async () => {
    const { agent, person, rig } = await pair({ greeting: "Hello, I am Memtrix." });
    const where = await person.waitForInvitation();
    await person.join(where);
    await person.waitForMessage(where);

    const profile = await person.client.getProfileInfo(agent.userId);
    expect(profile).toEqual({ displayname: "Memtrix", avatar_url: expect.stringMatching(/^mxc:/) });
    const state = (type: string, of: string = where) => person.client.getStateEvent(of, type, "");
    expect(await state("m.room.avatar")).toMatchObject({ url: profile.avatar_url });
    expect(await state("m.room.name")).toMatchObject({ name: "Memtrix" });
    expect(await rig.client.getAccountDataFromServer("m.direct" as never)).toEqual({ [person.userId]: [where] });

    const invited = (one: SeenEvent) =>
      one.type === "m.room.member" && one.stateKey === person.userId && one.roomId !== where;
    const { roomId: space } = await person.waitFor(invited, { limitMs: 30_000 });
    await person.join(space);
    expect(await state("m.room.create", space)).toMatchObject({ type: "m.space" });
    expect(await state("m.room.name", space)).toMatchObject({ name: "Memtrix" });
    const held = (one: SeenEvent) => one.roomId === space && one.type === "m.space.child" && one.stateKey === where;
    await person.waitFor(held);
    expect(rig.store.rooms.all("matrix", "main").map(({ id }) => id)).toEqual([where]);
    expect(rig.lines.filter((line) => /^(warn|error)/.test(line))).toEqual([]);
  });

  it("M43: leaves a room that has become too large, and says so", async () => {
    const { agent, person, rig } = await pair({ mostPeople: 3, greeting: "Hello." });
    const home = await person.waitForInvitation();
    await person.join(home);
    const group = await person.createRoom({ invite: [agent.userId], direct: false, encrypted: false });
    await person.waitForJoin(group, agent.userId);
    for (const name of ["one", "two"]) {
      const { userId } = await synapse.registerUser(`${name}${++next}`);
      await person.client.invite(group, userId);
    }
    await person.waitFor(
      ({ roomId, stateKey, content }) =>
        roomId === group && stateKey === agent.userId && content.membership === "leave",
    );
    const told = await person.waitForMessage(home, ({ content }) => String(content.body).startsWith("I left"));
    expect(told.content.body).toContain("it has 4 people");
    await vi.waitFor(() => expect(rig.client.getRoom(group)).toBeNull()); // And what is known of its people.

    const from = person.seen().length;
    for (const id of await membersOf(person, group, "invite")) await person.client.kick(group, id);
    for (const name of ["three", "four"]) {
      const other = await synapse.registerUser(`${name}${++next}`);
      await person.client.invite(group, other.userId);
      await comeIn(other, group);
    }
    const counted = async () => (await person.client.getRoomSummary(group)).num_joined_members;
    await vi.waitFor(async () => expect(await counted()).toBe(3), { timeout: 20_000, interval: 300 });
    // The server says how many are in there: now it does not even join.
    await person.client.invite(group, agent.userId);
    const isOf = (membership: string) => (one: SeenEvent) =>
      one.roomId === group && one.stateKey === agent.userId && one.content.membership === membership;
    await person.waitFor(isOf("leave"), { from });
    expect(person.seen().slice(from).filter(isOf("join"))).toEqual([]);
  });

  it("M43: leaves a room of ten thousand, which comes over it at once", async () => {
    const proxy = await startHomeserverProxy(synapse.url);
    onTestFinished(() => proxy.stop());
    const { agent, person, rig } = await pair({ url: proxy.url, greeting: "Hello." });
    const home = await person.waitForInvitation();
    await person.join(home);
    await person.waitForMessage(home);
    const group = await person.createRoom({ direct: false, encrypted: false });
    proxy.rewrite((path, body) => (path.includes("/sync") ? withPeople(body, group, 10_000) : body));
    await person.client.invite(group, agent.userId);
    const isGone = ({ roomId, stateKey, content }: SeenEvent) =>
      roomId === group && stateKey === agent.userId && content.membership === "leave";
    await person.waitFor(isGone, { limitMs: 60_000 });
    const told = await person.waitForMessage(home, ({ content }) => String(content.body).startsWith("I left"));
    expect(told.content.body).toContain("it has 10002 people");
    await vi.waitFor(() => expect(rig.client.getRoom(group)).toBeNull());
    await person.ask(home, "still there?");
  });

  it("knows who is in a room that it declined to come into before", async () => {
    const { agent, person, rig } = await pair();
    const stranger = await someone("stranger");
    const group = await stranger.createRoom({ invite: [agent.userId], direct: false, encrypted: false });
    const isDeclined = (one: SeenEvent) => one.stateKey === agent.userId && one.content.membership === "leave";
    await stranger.waitFor(isDeclined);
    await stranger.client.invite(group, person.userId);
    await person.waitForInvitation();
    await person.join(group);
    await stranger.client.setPowerLevel(group, person.userId, 100);
    const from = person.seen().length;
    await person.client.invite(group, agent.userId);
    const isJoined = (one: SeenEvent) => one.stateKey === agent.userId && one.content.membership === "join";
    await person.waitFor(isJoined, { from });
    const asked = await person.send(group, `${agent.userId}: who is here?`);
    await person.waitForMessage(group, ({ sender }) => sender === agent.userId);
    expect(rig.store.inbox.find("matrix", "main", asked)?.exposed).toBe(true);
  });

  it("M19: takes nothing for new when it has lost its place, and says so once", async () => {
    const agent = await synapse.registerUser(`agent${++next}`);
    const person = await someone("owner");
    const common = { url: synapse.url, agent, owners: [person.userId] };
    const rig = await startMatrixRig({ ...common, model: scriptedModel("An old answer.") });
    const where = await person.createRoom({ invite: [agent.userId] });
    await person.waitForJoin(where, agent.userId);
    rig.store.settings.set("main", "home_room", `matrix:${where}`);
    await person.ask(where, "an old order");
    await rig.stop({ keep: true });
    const directory = join(rig.home, "data", "matrix");
    for (const file of readdirSync(directory, { recursive: true, encoding: "utf8" })) {
      if (!file.endsWith("device.db")) continue;
      const database = new DatabaseSync(join(directory, file));
      database.exec("DELETE FROM position; DELETE FROM sync; DELETE FROM handed_over");
      database.close();
    }
    const model = scriptedModel("A fresh answer.");
    const from = person.seen().length;
    const again = await startMatrixRig({ ...common, model, home: rig.home });
    onTestFinished(() => again.stop());
    await person.waitForMessage(where, ({ content }) => String(content.body).includes("how far I had read"), { from });
    const answer = await person.ask(where, "a new one");
    expect(answer.content.body).toBe("A fresh answer.");
    expect(model.doStreamCalls).toHaveLength(1);
    expect(again.store.inbox.open("matrix")).toEqual([]);
  });

  it("forgets a file that was taken back", async () => {
    const { person, room: where, rig } = await room();
    const bytes = Buffer.from("a secret plan");
    const sent = await person.sendFile(where, { name: "plan.txt", type: "text/plain", bytes, caption: "read this" });
    await person.waitForMessage(where);
    expect((await rig.harness.folder.read("attachments/plan.txt"))?.toString()).toBe("a secret plan");
    await person.redact(where, sent);
    await person.ask(where, "/status");
    expect(await rig.harness.folder.read("attachments/plan.txt")).toBeUndefined();
  });
});

/** What a sync brings of a room, with more people in it than anybody could let in here. */
function withPeople(sync: string, room: string, count: number): string {
  const parsed = JSON.parse(sync);
  const joined = parsed.rooms?.join?.[room];
  const arrives = joined?.timeline?.events.some(({ type }: { type: string }) => type === "m.room.create");
  if (!arrives) return sync;
  const people = Array.from({ length: count }, (_, index) => ({
    ...{ type: "m.room.member", event_id: `$member${index}`, origin_server_ts: 1 },
    ...{ sender: `@p${index}:memtrix.test`, state_key: `@p${index}:memtrix.test` },
    content: {
      membership: "join",
      displayname: `Person number ${index}`,
      avatar_url: "mxc://memtrix.test/abcdefghijkl",
    },
  }));
  joined.state = { events: [...(joined.state?.events ?? []), ...people] };
  return JSON.stringify(parsed);
}
