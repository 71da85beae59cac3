import type { MatrixEvent } from "matrix-js-sdk";
import { describe, expect, it } from "vitest";
import { transactionKey } from "../../../src/channel/matrix/delivered.ts";
import { createHandOns } from "../../../src/channel/matrix/hand-ons.ts";
import { createTurns } from "../../../src/channel/matrix/turns.ts";
import { type DeskOptions, event, friend, me, openDesk, owner, says } from "./desk.ts";

const [cook, baker] = ["@cook:here", "@baker:here"];

function openRoom(options: DeskOptions = {}) {
  return openDesk({ members: [me, owner, cook, baker], agents: { [cook]: "Cook", [baker]: "Baker" }, ...options });
}

/** What another agent says, as it leaves through its outbox: `tainted`, when its run had read from outside. */
function agentSays(desk: ReturnType<typeof openDesk>, sender: string, body: string, tainted = false): MatrixEvent {
  const { store } = desk;
  const transaction = store.transaction(() => {
    const session = store.sessions.current(sender, "matrix:!room:here");
    const run = store.runs.begin(session.id);
    if (tainted) run.state.taints.push("the result of fetch_url");
    store.runs.save(run);
    const row = store.inbox.add({
      ...{ channel: "matrix", agent: sender, event: `$of${run.id}`, conversation: "matrix:!room:here", sender: owner },
      ...{ origin: "owner", text: "?", at: new Date() },
    });
    store.inbox.assign([row ?? 0], run.id);
    store.inbox.done([row ?? 0]);
    const answer = { channel: "matrix", agent: sender, conversation: "matrix:!room:here", answers: [row ?? 0] };
    store.outbox.add({ ...answer, events: [{ type: "m.room.message", content: { body } }] });
    const [left] = store.outbox.waiting("matrix");
    store.outbox.sent(left?.id ?? 0, `$answer${run.id}`);
    return left?.transaction;
  });
  const mentions = { "m.mentions": { user_ids: body.includes("@Memtrix") ? [me] : [] } };
  return says(body, { sender, content: { ...mentions, [transactionKey]: transaction } });
}

const logged = (desk: ReturnType<typeof openDesk>) =>
  [...desk.store.log.newestFirst(desk.store.sessions.current("main", "matrix:!room:here").id, 0)]
    .reverse()
    .map(({ sender, origin, text }) => [sender, origin, text]);

describe("in a room of several agents", () => {
  it("an agent answers when it is mentioned, and hears the rest", async () => {
    const desk = openRoom();
    await desk.read(says("Cook: what is for dinner?"), agentSays(desk, cook, "Soup."), says("Memtrix, set the table"));
    expect(desk.orders()).toEqual(["Memtrix, set the table"]);
    expect(logged(desk)).toEqual([
      [owner, "owner", "Cook: what is for dinner?"],
      ["Cook (@cook:here)", "agent", "Cook (@cook:here): Soup."],
    ]);
  });

  it("what an agent says that has read from outside is of that origin", async () => {
    const desk = openRoom();
    await desk.read(says("Cook: look it up"), agentSays(desk, cook, "The page says: obey.", true));
    expect(logged(desk).at(-1)).toEqual(["Cook (@cook:here)", "web", "Cook (@cook:here): The page says: obey."]);
  });

  it("what nobody of this installation has sent is of no better origin than a page", async () => {
    const desk = openRoom();
    await desk.read(says("Cook: hello"), says("I am Cook", { sender: cook }));
    expect(logged(desk).at(-1)).toEqual(["Cook (@cook:here)", "web", "Cook (@cook:here): I am Cook"]);
  });

  it("one agent hands on to another by mentioning it", async () => {
    const desk = openRoom();
    await desk.read(says("Cook: what is for dinner?"), agentSays(desk, cook, "Soup. @Memtrix, who is coming?"));
    expect(desk.orders()).toEqual(["Soup. @Memtrix, who is coming?"]);
    expect(desk.store.inbox.open("matrix").map(({ origin }) => origin)).toEqual(["agent"]);
  });

  it("a name within the words of another agent is no mention", async () => {
    const desk = openRoom();
    await desk.read(says("Cook: hello"), agentSays(desk, cook, "As Memtrix said, soup."));
    expect(desk.orders()).toEqual([]);
  });

  it("agents that always mention each other stop after four answers, however long they go on", {
    timeout: 60_000,
  }, async () => {
    const desk = openRoom();
    await desk.read(says("Cook: discuss"));
    for (let index = 0; index < 1_000; index++) await desk.read(agentSays(desk, cook, `@Memtrix ${index}`));
    expect(desk.orders()).toEqual(["@Memtrix 0", "@Memtrix 1", "@Memtrix 2", "@Memtrix 3"]);
    await desk.read(says("Cook: once more"), agentSays(desk, cook, "@Memtrix again"));
    expect(desk.orders()).toHaveLength(5);
  });

  it("the answers of all agents to one another count together", () => {
    const handOns = createHandOns();
    const rounds = ["main", "cook", "baker", "main", "cook", "baker"].map(() => handOns.take("!room", "$first", 4));
    expect(rounds).toEqual([true, true, true, true, false, false]);
    expect(handOns.take("!other", "$first", 4)).toBe(true);
    expect(handOns.take("!room", "$second", 4)).toBe(true);
    expect(handOns.take("!room", "$first", 4)).toBe(false);
  });

  it("after a start a person has to speak first", async () => {
    const desk = openRoom();
    await desk.read(agentSays(desk, cook, "@Memtrix, hello"));
    expect(desk.orders()).toEqual([]);
  });

  it("notices, edits and reactions of another agent are nothing to answer", async () => {
    const desk = openRoom();
    await desk.read(says("Cook: hello"));
    const edit = {
      "m.new_content": { msgtype: "m.text", body: "@Memtrix" },
      "m.relates_to": { rel_type: "m.replace", event_id: "$x" },
    };
    await desk.read(
      says("@Memtrix: /stop", { sender: cook, content: { msgtype: "m.notice", "m.mentions": { user_ids: [me] } } }),
      says("* @Memtrix", { sender: cook, content: { ...edit, "m.mentions": { user_ids: [me] } } }),
      event({
        type: "m.reaction",
        sender: cook,
        content: { "m.relates_to": { rel_type: "m.annotation", event_id: "$x", key: "✅" } },
      }),
    );
    expect(desk.orders()).toEqual([]);
  });

  it("waits for those that are named before it in the same message", async () => {
    const desk = openRoom();
    await desk.read(says("Cook, then Memtrix, then Baker: say hello"));
    expect(desk.waits).toEqual([cook]);
  });

  it.each([
    [true, ["Stopped."]],
    [false, []],
  ])("the owner's /stop reaches it without its name; working: %s", async (isWorking, told) => {
    const desk = openRoom({ isWorking });
    await desk.read(says("/stop"));
    expect(desk.orders()).toEqual([]);
    expect(desk.told()).toEqual(told);
  });

  it("the owner's /stop reaches what came in the same sync, and what waits for its turn", async () => {
    const desk = openRoom();
    await desk.read(says("Cook, then Memtrix: work"));
    await desk.read(says("Memtrix: work more"), says("/stop"));
    expect(desk.orders()).toEqual(["Cook, then Memtrix: work"]);
    expect(desk.store.inbox.open("matrix")).toEqual([]);
    expect(desk.told()).toEqual(["Stopped."]);
  });

  it("after the owner's /stop nobody hands on until a person speaks", async () => {
    const desk = openRoom();
    await desk.read(says("Cook: discuss"), says("/stop"), agentSays(desk, cook, "@Memtrix, go on"));
    expect(desk.orders()).toEqual([]);
    await desk.read(says("Cook: discuss"), agentSays(desk, cook, "@Memtrix, now"));
    expect(desk.orders()).toEqual(["@Memtrix, now"]);
  });

  it("a /stop that names it is answered, when there is nothing to stop", async () => {
    const desk = openRoom();
    await desk.read(says("Memtrix: /stop"));
    expect(desk.orders()).toEqual(["/stop"]);
  });

  it("nobody else stops it like this", async () => {
    const desk = openRoom({ members: [me, owner, cook, friend], isWorking: true });
    await desk.read(says("/stop", { sender: friend }));
    expect(desk.told()).toEqual([]);
  });
});

describe("turns", () => {
  it("go on once all have spoken there", () => {
    const turns = createTurns();
    let spoken = 0;
    turns.after("!room", [cook, baker], () => spoken++);
    turns.spoke("!other", cook);
    turns.spoke("!room", cook);
    expect(spoken).toBe(0);
    turns.spoke("!room", baker);
    turns.spoke("!room", baker);
    expect(spoken).toBe(1);
  });

  it("go on after a while where one keeps silent", async () => {
    await new Promise<void>((resolve) => createTurns(5).after("!room", [cook], resolve));
  });

  it("do not go on while one is at work on the same message", async () => {
    let looks = 0;
    await new Promise<void>((resolve) => createTurns(5).after("!room", [cook], resolve, () => ++looks < 4));
    expect(looks).toBe(4);
  });

  it("end with the program", () => {
    const turns = createTurns();
    let spoken = 0;
    turns.after("!room", [cook], () => spoken++);
    turns.end();
    turns.spoke("!room", cook);
    expect(spoken).toBe(0);
  });
});
