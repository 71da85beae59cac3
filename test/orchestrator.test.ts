import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { ConfigError } from "../src/errors.ts";
import { ModelError } from "../src/model-error.ts";
import { defineTool } from "../src/tool.ts";
import { alwaysAnswer, type HarnessOptions, openHarness } from "./support/agent-harness.ts";
import { scriptedModel } from "./support/scripted-model.ts";

const open: Awaited<ReturnType<typeof openHarness>>[] = [];
async function harness(options: HarnessOptions) {
  const one = await openHarness(options);
  open.push(one);
  return one;
}
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const roles = (prompt: readonly { role: string }[] | undefined) => prompt?.map(({ role }) => role);

describe("a message", () => {
  it("is answered, streaming as it comes", async () => {
    const { say } = await harness({ model: scriptedModel("Hello there friend") });
    const { answer, events } = await say("hi");
    expect(answer).toBe("Hello there friend");
    const deltas = events.flatMap((event) => (event.type === "text-delta" ? [event.text] : []));
    expect(deltas).toEqual(["Hello ", "there ", "friend"]);
    expect(events.at(-1)).toMatchObject({ type: "run-end", reason: "answered" });
  });

  it("leads to a tool call, whose result the model reads", async () => {
    const model = scriptedModel({ calls: [{ name: "get_current_time", input: {} }] }, "It is five past two.");
    const { say, prompts } = await harness({ model });
    const { answer, events } = await say("what time is it?");
    expect(answer).toBe("It is five past two.");
    expect(roles(prompts()[1])).toEqual(["system", "user", "assistant", "tool"]);
    expect(JSON.stringify(prompts()[1])).toContain("Friday 2026-11-20, 14:05 (UTC)");
    expect(events.map(({ type }) => type)).toContain("tool-end");
  });

  it("carries date and time in the newest message only, so that the earlier ones stay the same", async () => {
    const { say, prompts } = await harness({ model: scriptedModel("One.", "Two.") });
    await say("first");
    await say("second");
    const [first, second] = prompts();
    expect(JSON.stringify(first)).toContain("<context>");
    expect(second?.[1]).toEqual({ role: "user", content: [{ type: "text", text: "first" }] });
    expect(JSON.stringify(second?.at(-1))).toContain("2026-11-20, 14:05");
  });

  it("is answered in one sentence when the model fails, and the next one is answered again", async () => {
    const failing = {
      error: new ModelError("unauthorized", "The key was refused: set a new one with memtrix onboard."),
    };
    const { say, prompts } = await harness({ model: scriptedModel(failing, "Back again.") });
    const failed = await say("hi");
    expect(failed.answer).toBe("The key was refused: set a new one with memtrix onboard.");
    expect(failed.events.at(-1)).toMatchObject({ type: "run-end", reason: "failed" });
    expect((await say("and now?")).answer).toBe("Back again.");
    expect(roles(prompts()[1])).toEqual(["system", "user", "assistant", "user"]);
  });

  it("is answered with what to do when the model that was chosen cannot be used", async () => {
    const onModel = () => {
      throw new ConfigError("A secret is missing: run memtrix onboard");
    };
    const { say, store } = await harness({ model: scriptedModel("x"), onModel });
    expect((await say("hi")).answer).toContain("A secret is missing: run memtrix onboard");
    expect(store.inbox.open("test")).toEqual([]);
  });

  it("is answered once, whatever the channel makes of the events", async () => {
    const one = await harness({ model: scriptedModel("Hello.") });
    await one.say("hi", {
      onEvent: () => {
        throw new Error("The screen is gone.");
      },
    });
    await one.orchestrator.drain(1_000);
    expect(one.answers()).toEqual(["Hello."]);
    expect(one.store.inbox.open("test")).toEqual([]);
  });

  it("that is a command is still answered when the program is about to end", async () => {
    const one = await harness({ model: scriptedModel("x") });
    void one.say("/memory search tea");
    await one.orchestrator.drain(1_000);
    expect(one.answers()).toEqual(["Nothing found."]);
  });

  it("is answered with what to do when the model's window cannot even hold the prompt", async () => {
    const { say, model } = await harness({ model: scriptedModel("x"), window: 1_024 });
    expect((await say("hi")).answer).toMatch(
      /too small: my prompt and tools alone take about \d+\. Raise its context_tokens/,
    );
    expect(model.doStreamCalls).toHaveLength(0);
  });

  it("that came twice is dealt with once", async () => {
    const { store } = await harness({ model: scriptedModel("Hello.") });
    const message = {
      channel: "test",
      agent: "main",
      event: "$1",
      conversation: "c",
      sender: "me",
      origin: "owner",
    } as const;
    expect(store.inbox.add({ ...message, text: "hi", at: new Date() })).toBeDefined();
    expect(store.inbox.add({ ...message, text: "hi", at: new Date() })).toBeUndefined();
  });

  it("that comes in mid-run steers the run, and shares its answer", async () => {
    const model = scriptedModel({ calls: [{ name: "get_current_time", input: {} }] }, "Both: done.");
    const one = await harness({ model });
    let second: Promise<unknown> | undefined;
    await one.say("first", {
      onEvent: (event) => {
        if (event.type === "tool-start") second ??= one.say("and another thing");
      },
    });
    await second;
    expect(one.answers()).toEqual(["Both: done."]);
    expect(one.store.outbox.waiting("test")[0]?.answers).toHaveLength(2);
    expect(roles(one.prompts()[1])).toEqual(["system", "user", "assistant", "tool", "user"]);
  });

  it("of another person does not steer the run, and is answered after it", async () => {
    const model = scriptedModel({ calls: [{ name: "get_current_time", input: {} }] }, "For you.", "For the other.");
    const one = await harness({ model });
    let second: Promise<unknown> | undefined;
    await one.say("first", {
      onEvent: (event) => {
        if (event.type === "tool-start") second ??= one.say("me too", { sender: "guest", origin: "guest" });
      },
    });
    await second;
    expect(one.answers()).toEqual(["For you.", "For the other."]);
  });

  it("begins every session with the provider's own notice", async () => {
    const one = await harness({
      model: scriptedModel("Hello.", "Still here.", "Anew."),
      notice: "This is a rehearsal.",
    });
    await one.say("hi");
    await one.say("and?");
    await one.say("/clear");
    await one.say("hi again");
    const [first, second, , third] = one.answers();
    expect(first).toBe("This is a rehearsal.\n\nHello.");
    expect(second).toBe("Still here.");
    expect(third).toBe("This is a rehearsal.\n\nAnew.");
  });
});

describe("the answer", () => {
  it("is the last text that is not empty: a model that saves and then says nothing has said it already", async () => {
    const write = { name: "write_memory_file", input: { section: "Notes", text: "Likes tea." } };
    const { say } = await harness({ model: scriptedModel({ text: "Noted: tea.", calls: [write] }, "") });
    expect((await say("I like tea")).answer).toBe("Noted: tea.");
  });

  it("says when it was cut off", async () => {
    const { say } = await harness({ model: scriptedModel({ text: "A long", finish: "length" }) });
    expect((await say("tell me")).answer).toMatch(/^A long\n\n.*Cut off/);
  });

  it("comes after ten steps at the latest, from a call that may use no tools", async () => {
    const turns = Array.from({ length: 10 }, (_, index) => ({
      calls: [{ name: "list_directory", input: { depth: (index % 3) + 1 } }],
    }));
    const one = await harness({
      model: scriptedModel(...turns, "That is all I found."),
      agent: { limits: { repeats: 100 } },
    });
    expect((await one.say("look around")).answer).toBe("That is all I found.");
    expect(one.model.doStreamCalls).toHaveLength(11);
    expect(one.model.doStreamCalls[10]?.toolChoice ?? { type: "none" }).toEqual({ type: "none" });
  });

  it("explains itself when the same call came three times with the same result", async () => {
    const { say, model } = await harness({ model: scriptedModel({ calls: [{ name: "list_directory", input: {} }] }) });
    expect((await say("look")).answer).toMatch(/same call 3 times/);
    expect(model.doStreamCalls).toHaveLength(3);
  });

  it("explains itself when the day's limit is reached", async () => {
    const { say, model } = await harness({
      model: scriptedModel("x"),
      agent: { dayIsOver: () => "Today's limit is used up." },
    });
    expect((await say("hi")).answer).toBe("Today's limit is used up.");
    expect(model.doStreamCalls).toHaveLength(0);
  });
});

describe("a tool that destroys", () => {
  const deleting = { calls: [{ name: "delete_file", input: { path: "a.txt" } }] };

  it("runs after a yes to this very call", async () => {
    const one = await harness({ model: scriptedModel(deleting, "Gone.") });
    await writeFile(join(one.home, "workspace/a.txt"), "x");
    const { ask, questions } = alwaysAnswer("yes");
    expect((await one.say("delete a.txt", { ask })).answer).toBe("Gone.");
    expect(questions).toHaveLength(1);
    expect(questions[0]?.text).toContain("a.txt");
    await expect(readFile(join(one.home, "workspace/a.txt"))).rejects.toThrow();
  });

  it("does not run after a no, and the model hears what the owner said instead", async () => {
    const one = await harness({ model: scriptedModel(deleting, "Left it.") });
    await writeFile(join(one.home, "workspace/a.txt"), "x");
    const { ask } = alwaysAnswer({ no: "I still need it" });
    await one.say("delete a.txt", { ask });
    expect(await readFile(join(one.home, "workspace/a.txt"), "utf8")).toBe("x");
    expect(JSON.stringify(one.prompts()[1])).toContain("I still need it");
  });

  it("does not run when nobody is there to ask", async () => {
    const one = await harness({ model: scriptedModel(deleting, "Left it.") });
    await writeFile(join(one.home, "workspace/a.txt"), "x");
    await one.say("delete a.txt");
    expect(await readFile(join(one.home, "workspace/a.txt"), "utf8")).toBe("x");
  });

  it("is not done when the question expires", async () => {
    const one = await harness({ model: scriptedModel(deleting, "No answer."), agent: { askMs: 5 } });
    await writeFile(join(one.home, "workspace/a.txt"), "x");
    const ask = (_: unknown, signal: AbortSignal) =>
      new Promise<"expired">((resolve) => signal.addEventListener("abort", () => resolve("expired")));
    await one.say("delete a.txt", { ask });
    expect(await readFile(join(one.home, "workspace/a.txt"), "utf8")).toBe("x");
    expect(JSON.stringify(one.prompts()[1])).toContain("did not answer in time");
  });

  it("ends the run after five refusals", async () => {
    const turns = Array.from({ length: 8 }, (_, index) => ({
      calls: [{ name: "delete_file", input: { path: `${index}.txt` } }],
    }));
    const one = await harness({ model: scriptedModel(...turns) });
    for (let index = 0; index < 8; index++) await writeFile(join(one.home, `workspace/${index}.txt`), "");
    expect((await one.say("delete all", alwaysAnswer({ no: "" }))).answer).toMatch(/5 calls were refused/);
    expect(one.model.doStreamCalls).toHaveLength(5);
  });
});

describe("/stop", () => {
  it("ends the run under way at once, also a tool that waits, and drops what waits", async () => {
    const waiting = defineTool({
      ...{ name: "wait_long", description: "Waits.", input: z.object({}), effects: [] },
      run: (_input, { signal }: { signal: AbortSignal }) =>
        new Promise<string>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    });
    const model = scriptedModel({
      calls: [
        { name: "wait_long", input: {} },
        { name: "list_directory", input: {} },
      ],
    });
    const one = await harness({ model, tools: [waiting as never] });
    let other: Promise<unknown> | undefined;
    const { events } = await one.say("go", {
      onEvent: (event) => {
        if (event.type !== "tool-start") return;
        other = one.say("wait for it", { sender: "guest", origin: "guest" });
        void one.say("/stop");
      },
    });
    expect(events.at(-1)).toMatchObject({ type: "run-end", reason: "stopped" });
    expect(one.answers()).toEqual(["Stopped, and the message that was waiting is dropped."]);
    expect(one.store.inbox.open("test")).toEqual([]);
    await Promise.race([other, Promise.resolve()]);
  });

  it("leaves a history in which every call has its result", async () => {
    const stopping = defineTool({
      ...{ name: "stop_here", description: "Stops.", input: z.object({}), effects: [] },
      async run() {
        one.orchestrator.stop("main", "test:room");
        return "stopped";
      },
    });
    const model = scriptedModel(
      {
        calls: [
          { name: "stop_here", input: {} },
          { name: "list_directory", input: {} },
        ],
      },
      "Here.",
    );
    const one = await harness({ model, tools: [stopping as never] });
    await one.say("go");
    await one.say("still there?");
    const results = one.prompts()[1]?.filter(({ role }) => role === "tool");
    expect(JSON.stringify(results)).toContain("call-0-0");
    expect(JSON.stringify(results)).toContain("call-0-1");
  });
});

describe("after a crash", () => {
  const count = (effects: ("writes" | "reads-private")[], repeatable?: true) => {
    const made: number[] = [];
    const tool = defineTool({
      ...{ name: "count_up", description: "Counts.", input: z.object({}), effects },
      ...(repeatable ? { repeatable } : {}),
      confirm: () => undefined,
      run: async () => String(made.push(1)),
    });
    return { tool: tool as never, made };
  };

  /** As a killed program leaves it: the run is open, its step written down, its call begun. */
  async function killedInTheCall(tool: never) {
    const before = await openHarness({ model: scriptedModel("x") });
    const { store } = before;
    const said = {
      channel: "test",
      agent: "main",
      conversation: "test:room",
      sender: "owner",
      origin: "owner",
    } as const;
    const inbox = store.inbox.add({ ...said, text: "count", at: new Date(), event: "$killed" }) as number;
    const session = store.sessions.current("main", "test:room");
    const run = store.runs.begin(session.id);
    store.log.append([{ ...said, session: session.id, run: run.id, at: new Date(), role: "user", text: "count" }]);
    store.inbox.assign([inbox], run.id);
    const call = { type: "tool-call", toolCallId: "c1", toolName: "count_up", input: {} };
    run.openStep = {
      message: { role: "assistant", content: [call] },
      text: "",
      derived: false,
      calls: [{ id: "c1", name: "count_up", input: {}, state: "begun" }],
    };
    store.runs.save(run);
    await before.close(true);
    const model = scriptedModel("I went on.");
    const after = await harness({ model, tools: [tool], home: before.home });
    const [row] = after.store.inbox.open("test");
    const { answer } = await after.hand({ ...(row as NonNullable<typeof row>), inbox: row?.id as number, run: run.id });
    return { after, answer };
  }

  it("a call that had begun is not repeated by code: the model is told that it may have happened", async () => {
    const { tool, made } = count(["writes"]);
    const { after, answer } = await killedInTheCall(tool);
    expect(made).toHaveLength(0);
    expect(answer).toBe("I went on.");
    expect(JSON.stringify(after.prompts()[0])).toContain("it may have happened");
    expect(after.store.inbox.open("test")).toEqual([]);
  });

  it("a call that may be repeated is made again", async () => {
    const { tool, made } = count(["reads-private"], true);
    await killedInTheCall(tool);
    expect(made).toHaveLength(1);
  });
});

describe("a guest", () => {
  it("is answered, and may have nothing done", async () => {
    const reading = { calls: [{ name: "read_core_file", input: { name: "USER" } }] };
    const one = await harness({ model: scriptedModel(reading, "I cannot tell you that.") });
    const { answer } = await one.say("who is your owner?", {
      origin: "guest",
      sender: "guest",
      ...alwaysAnswer("yes"),
    });
    expect(answer).toBe("I cannot tell you that.");
    expect(JSON.stringify(one.prompts()[1])).toContain("Only the owner");
  });

  it("may not use the owner's commands", async () => {
    const one = await harness({ model: scriptedModel("x") });
    const { answer } = await one.say("/clear the table", { origin: "guest", sender: "guest" });
    expect(answer).toBe("`/clear` is for my owner.");
  });
});

describe("/clear", () => {
  it("begins a fresh session, and the old one is still found", async () => {
    const one = await harness({ model: scriptedModel("The Green Door.", "Hello.") });
    await one.say("what was that restaurant called?");
    await one.say("/clear");
    await one.say("hi");
    expect(roles(one.prompts()[1])).toEqual(["system", "user"]);
    const hits = await one.memory.search({ text: "restaurant", limit: 5 });
    expect(hits[0]?.lines[0]?.text).toBe("what was that restaurant called?");
  });
});
