import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Decision, Question } from "../../src/reply.ts";
import { defineTool, type Tool } from "../../src/tool.ts";
import { type HarnessOptions, openHarness } from "../support/agent-harness.ts";
import { scriptedModel } from "../support/scripted-model.ts";

const open: Awaited<ReturnType<typeof openHarness>>[] = [];
async function harness(options: HarnessOptions) {
  const one = await openHarness(options);
  open.push(one);
  return one;
}
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** A tool that is at work until the test, or an abort, ends it. `began` resolves when it runs. */
function slowTool(onAbort: "fails" | "finishes" | "goes on" = "fails") {
  const began = Promise.withResolvers<void>();
  const result = Promise.withResolvers<string>();
  const tool = defineTool({
    ...{ name: "work_slowly", description: "Works.", input: z.object({}), effects: ["writes"] },
    async run(_input, { signal }: { signal: AbortSignal }) {
      began.resolve();
      if (onAbort === "fails") signal.addEventListener("abort", () => result.reject(signal.reason));
      if (onAbort === "finishes") signal.addEventListener("abort", () => result.resolve("all is done"));
      return result.promise;
    },
  });
  return { tool: tool as unknown as Tool, began: began.promise, finish: result.resolve };
}

const working = { calls: [{ name: "work_slowly", input: {} }] };
const deleting = { calls: [{ name: "delete_file", input: { path: "a.txt" } }] };

/** Leaves its question open until the run is aborted. */
function openQuestion() {
  const asked = Promise.withResolvers<Question>();
  const ask = (question: Question, signal: AbortSignal) => {
    asked.resolve(question);
    return new Promise<Decision>((resolve) => signal.addEventListener("abort", () => resolve("expired")));
  };
  return { ask, asked: asked.promise };
}

describe("a message after /stop", () => {
  it("is answered, also when the stopped run takes a while to end", async () => {
    const slow = slowTool("goes on");
    const one = await harness({ model: scriptedModel(working, "To the new one."), tools: [slow.tool] });
    const stopped = one.say("go");
    await slow.began;
    void one.say("/stop");
    const next = one.say("something else");
    slow.finish("done after all");
    await stopped;
    expect((await next).answer).toBe("To the new one.");
    expect(one.store.outbox.waiting("test").at(-1)?.answers).toHaveLength(1);
  });
});

describe("/stop", () => {
  it("ends a run whose tool does not care for it", async () => {
    const slow = slowTool("goes on");
    const one = await harness({ model: scriptedModel(working), tools: [slow.tool] });
    const run = one.say("go");
    await slow.began;
    void one.say("/stop");
    expect((await run).events.at(-1)).toMatchObject({ type: "run-end", reason: "stopped" });
  });

  it("takes a question back, and the model hears that it was stopped, not that nobody answered", async () => {
    const one = await harness({ model: scriptedModel(deleting, "Here.") });
    await writeFile(join(one.home, "workspace/a.txt"), "x");
    const { ask, asked } = openQuestion();
    const run = one.say("delete a.txt", { ask });
    await asked;
    void one.say("/stop");
    await run;
    await one.say("still there?");
    expect(JSON.stringify(one.prompts()[1])).toContain("stopped the work");
    expect(JSON.stringify(one.prompts()[1])).not.toContain("did not answer in time");
  });

  it("leaves a history in which nothing is said twice", async () => {
    const slow = slowTool();
    const one = await harness({
      model: scriptedModel({ text: "I will look.", ...working }, "Here."),
      tools: [slow.tool],
    });
    const run = one.say("go");
    await slow.began;
    void one.say("/stop");
    await run;
    await one.say("still there?");
    expect(JSON.stringify(one.prompts()[1]).split("I will look.")).toHaveLength(2);
  });
});

describe("/clear during a run", () => {
  it("lets what comes after it begin the fresh session", async () => {
    const slow = slowTool();
    const one = await harness({ model: scriptedModel(working, "The old one.", "The new one."), tools: [slow.tool] });
    const old = one.say("an old matter");
    await slow.began;
    await one.say("/clear");
    const fresh = one.say("a new matter");
    slow.finish("done");
    await old;
    expect((await fresh).answer).toBe("The new one.");
    expect(one.prompts()[2]?.map(({ role }) => role)).toEqual(["system", "user"]);
    expect(JSON.stringify(one.prompts()[2])).not.toContain("an old matter");
  });
});

describe("the end of the program", () => {
  it("keeps the result of a call that still came to its end, so that it is not doubted later", async () => {
    const slow = slowTool("finishes");
    const before = await openHarness({ model: scriptedModel(working), tools: [slow.tool] });
    void before.say("go");
    await slow.began;
    await before.close(true);

    const after = await harness({ model: scriptedModel("Went well."), tools: [slow.tool], home: before.home });
    const [row] = after.store.inbox.open("test");
    if (!row) throw new Error("nothing is open");
    const { answer } = await after.hand({ ...row, inbox: row.id, run: row.run as number });
    expect(answer).toBe("Went well.");
    expect(JSON.stringify(after.prompts()[0])).toContain("all is done");
  });

  it("does not wait for a tool that does not care for it", async () => {
    const slow = slowTool("goes on");
    const one = await harness({ model: scriptedModel(working), tools: [slow.tool] });
    void one.say("go");
    await slow.began;
    await one.orchestrator.drain(0);
    expect(one.store.inbox.open("test")).toHaveLength(1);
  });

  it("withdraws an open question, with word of it at the next start", async () => {
    const before = await openHarness({ model: scriptedModel(deleting) });
    await writeFile(join(before.home, "workspace/a.txt"), "x");
    const { ask, asked } = openQuestion();
    void before.say("delete a.txt", { ask });
    await asked;
    await before.close(true);

    const after = await harness({ model: scriptedModel("Shall I still?"), home: before.home });
    const [row] = after.store.inbox.open("test");
    if (!row) throw new Error("nothing is open");
    const { events } = await after.hand({ ...row, inbox: row.id, run: row.run as number });
    expect(events.flatMap((event) => (event.type === "notice" ? [event.text] : [])).join()).toContain("a.txt");
    expect(JSON.stringify(after.prompts()[0])).toContain("restarted while the owner was being asked");
  });
});
