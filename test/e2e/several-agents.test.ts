import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Running } from "../support/program.ts";
import type { SeenEvent } from "../support/seen-events.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";
import { end, hasCalled, mainId, newestWords, openTroupe, type Troupe } from "../support/troupe.ts";

const canRun = await canRunSynapse();

const everyone = [mainId, "cook", "baker", "poet", "judge"];

describe.skipIf(!canRun)("five agents of one config", { timeout: 180_000 }, () => {
  let troupe: Troupe;
  let running: Running;
  const rooms: Record<string, string> = {};

  beforeAll(async () => {
    troupe = await openTroupe({
      agents: {
        ...{ cook: "What is for dinner", baker: "Bread", poet: "Verses", judge: "Fair decisions" },
        ghost: "Somebody whose token is wrong",
      },
      lockedOut: ["ghost"],
    });
    running = troupe.start();
  }, 120_000);

  afterAll(async () => {
    if (running) await end(running);
    await troupe?.[Symbol.asyncDispose]();
  }, 60_000);

  /** What was said in a room from this place on, as `agent: words`. */
  function said(room: string, from: number): string[] {
    const messages = troupe.person
      .seen()
      .slice(from)
      .filter((event) => event.roomId === room && event.type === "m.room.message" && !event.undecryptable);
    return messages
      .filter(({ sender }) => sender !== troupe.person.userId)
      .map((event) => `${troupe.speaker(event)}: ${event.content.body}`);
  }

  const saying =
    (text: RegExp) =>
    ({ content }: SeenEvent): boolean =>
      text.test(String(content.body));

  it("each has an encrypted room with its owner, introduces itself there, and is found in the space", async () => {
    for (const agent of everyone) {
      const { room, greeting } = await troupe.enter(agent);
      rooms[agent] = room;
      expect(greeting.encrypted).toBe(true);
      expect(greeting.sender).toBe(troupe.accounts[agent]?.userId);
    }
    expect(said(rooms.cook ?? "", 0)[0]).toMatch(/^cook: Hello, I am Cook, and I am here for this: What is for dinner/);

    const { person, accounts } = troupe;
    const isSpace = ({ content, stateKey, sender, roomId }: SeenEvent): boolean =>
      content.membership === "invite" &&
      stateKey === person.userId &&
      sender === accounts[mainId]?.userId &&
      roomId !== rooms[mainId];
    const { roomId: space } = await person.waitFor(isSpace);
    await person.join(space);
    expect(person.client.getRoom(space)?.name).toBe("Memtrix");
    const children = new Set<string>();
    await person.waitFor(
      ({ roomId, type, stateKey = "" }) => {
        if (roomId === space && type === "m.space.child") children.add(stateKey);
        return children.size === everyone.length;
      },
      { limitMs: 30_000 },
    );
    expect([...children].sort()).toEqual(Object.values(rooms).sort());
  });

  it("each has files and a memory of its own", async () => {
    const { person, cast, home } = troupe;
    cast("cook", (request) =>
      hasCalled(request)
        ? "Written down."
        : { calls: [{ name: "create_file", input: { path: "soup.md", content: "Leek soup, ninety minutes." } }] },
    );
    await person.ask(rooms.cook ?? "", "Write down the leek soup.");
    expect(existsSync(`${home.path}/agents/cook/soup.md`)).toBe(true);
    expect(existsSync(`${home.path}/workspace/soup.md`)).toBe(false);

    const results: string[] = [];
    cast("baker", (request) => {
      const found = request.messages.filter(({ role }) => role === "tool");
      results.push(...found.map(({ content }) => content));
      if (found.length > 0) return "I know nothing of it.";
      return {
        calls: [
          { name: "read_file", input: { path: "soup.md" } },
          { name: "read_file", input: { path: "../cook/soup.md" } },
          { name: "search_memory", input: { query: "leek soup" } },
        ],
      };
    });
    await person.ask(rooms.baker ?? "", "What do you have on soup?");
    expect(results).toHaveLength(3);
    expect(results.join("\n")).not.toMatch(/ninety/);
  });

  it("one is asked through another, and can tell its owner what it was asked", async () => {
    const { person, cast, requestsOf } = troupe;
    cast(mainId, (request) =>
      hasCalled(request)
        ? `Cook says: ${request.messages.at(-1)?.content}`
        : { calls: [{ name: "ask_agent", input: { name: "Cook", question: "What goes with rye?" } }] },
    );
    cast("cook", () => "Butter and radishes.");
    const answer = await person.ask(rooms[mainId] ?? "", "Ask Cook what goes with rye.");
    expect(answer.content.body).toContain("Butter and radishes.");
    const asked = requestsOf("cook").at(-1)?.body;
    expect(asked && newestWords(asked)).toMatch(/^\[Memtrix, another agent of your owner.*What goes with rye\?$/s);

    cast("cook", (request) => {
      const note = request.messages.find(({ content }) => content.includes("Memtrix asked you:"))?.content ?? "nothing";
      return `I was asked this: ${note}`;
    });
    const told = await person.ask(rooms.cook ?? "", "What were you asked today?");
    expect(told.content.body).toMatch(/Memtrix asked you: What goes with rye\?\s+You answered: Butter and radishes\./);
  });

  it("in one room the mentioned one answers, the others hear it as the words of another", async () => {
    const { person, accounts, cast, gather, requestsOf } = troupe;
    const room = await gather(everyone);
    cast("cook", () => "Soup.");
    const from = person.seen().length;
    await person.ask(room, "Cook: what is for dinner?");
    cast("judge", () => "That is fair.");
    await person.ask(room, "Is that fair?", { mentions: [accounts.judge?.userId ?? ""] });
    expect(said(room, from)).toEqual(["cook: Soup.", "judge: That is fair."]);

    const heard = requestsOf("judge").at(-1)?.body;
    expect(heard && newestWords(heard)).toBe(
      "Cook: what is for dinner?\n\nCook (@cook:memtrix.test): Soup.\n\nIs that fair?",
    );
    expect(heard?.messages.filter(({ role }) => role === "assistant")).toEqual([]);
  });

  it("two that are mentioned in one message answer in that order, however long the first takes", async () => {
    const { person, cast, gather } = troupe;
    const room = await gather(everyone);
    for (const [first, second] of [
      ["poet", "judge"],
      ["judge", "poet"],
    ] as const) {
      const from = person.seen().length;
      cast(first, () => ({ text: `I am ${first}.`, delayMs: 1_500 }));
      cast(second, () => `I am ${second}.`);
      await person.send(room, `${first} and ${second}, who are you?`);
      await person.waitForMessage(room, saying(new RegExp(`I am ${second}`)), { from });
      expect(said(room, from)).toEqual([`${first}: I am ${first}.`, `${second}: I am ${second}.`]);
    }
  });

  it("agents that always hand on to one another stop after four answers, and a person starts them again", async () => {
    const { person, cast, gather } = troupe;
    const room = await gather(everyone);
    const next = (agent: string): string => everyone[(everyone.indexOf(agent) + 1) % everyone.length] ?? "";
    for (const agent of everyone) cast(agent, () => `Go on, @${next(agent).replace(/^./, (a) => a.toUpperCase())}.`);
    for (const first of ["Baker", "Judge"]) {
      const from = person.seen().length;
      await person.send(room, `${first}, begin.`);
      await person.waitFor(() => said(room, from).length === 5, { from, limitMs: 30_000 });
      await sleep(3_000); // A sixth would have come by then.
      expect(said(room, from)).toHaveLength(5);
    }
    for (const agent of everyone) cast(agent, () => "@Memtrix, @Cook, @Baker, @Poet, @Judge: all of you!");
    const from = person.seen().length;
    await person.send(room, "Poet, begin.");
    await person.waitFor(() => said(room, from).length === 5, { from, limitMs: 30_000 });
    await sleep(3_000);
    expect(said(room, from)).toHaveLength(5);
  });

  it("/stop ends all of them at once, those that wait for their turn too", async () => {
    const { person, model, cast, gather, requestsOf } = troupe;
    const room = await gather(everyone);
    const before = model.requests.length;
    const [first, ...others] = everyone;
    for (const agent of everyone) cast(agent, () => ({ delayMs: Number.POSITIVE_INFINITY }));
    cast("judge", () => "I was not stopped.");
    const from = person.seen().length;
    for (const agent of others.filter((one) => one !== "judge")) await person.send(room, `${agent}: work.`);
    await person.send(room, `${first} and judge, work.`);
    await model.request(before + 3);
    const judged = requestsOf("judge").length;
    const stop = await person.send(room, "/stop");
    const closed = Promise.all(model.requests.slice(before).map((request) => request.closed));
    const stopped = () => said(room, from).filter((words) => words.endsWith(": Stopped.")).length;
    await person.waitFor(() => stopped() === 5, { from });
    await closed;
    const at = (event?: SeenEvent): number => event?.serverTime ?? Number.NaN;
    const notices = person.seen().filter((event) => event.roomId === room && saying(/^Stopped\.$/)(event));
    const asked = person.seen().find(({ eventId }) => eventId === stop);
    expect(Math.max(...notices.map(at)) - at(asked)).toBeLessThan(2_000);
    await sleep(2_000);
    expect(requestsOf("judge")).toHaveLength(judged);
  });

  it("one whose login ends leaves the others running, and /status says so", async () => {
    const { person, synapse, accounts, cast } = troupe;
    const headers = { authorization: `Bearer ${accounts.poet?.accessToken}` };
    await fetch(`${synapse.url}/_matrix/client/v3/logout`, { method: "POST", headers });
    await running.said("stderr", /error .*@poet:memtrix\.test/);
    cast("cook", () => "Still here.");
    expect((await person.ask(rooms.cook ?? "", "Are you there?")).content.body).toBe("Still here.");
    const status = await person.ask(rooms[mainId] ?? "", "/status");
    expect(status.content.body).toMatch(/matrix, poet.*onboard --relogin/i);
  });

  it("one whose token is wrong leaves the others running, and /status says so", async () => {
    const { person } = troupe;
    const status = await person.ask(rooms[mainId] ?? "", "/status");
    expect(status.content.body).toMatch(/matrix, ghost.*(does not know|token|log)/i);
    expect(status.content.body).toMatch(/matrix, cook.*heard \d+ s ago/);
  });
});
