import { afterEach, describe, expect, it } from "vitest";
import { type HarnessOptions, openHarness } from "../support/agent-harness.ts";
import { allWords, newestWords } from "../support/long-session.ts";
import { type ModelRequestSeen, scriptedModel } from "../support/scripted-model.ts";

const open: Awaited<ReturnType<typeof openHarness>>[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function harness(options: HarnessOptions) {
  const one = await openHarness(options);
  open.push(one);
  return one;
}

const sentence = "_(Nothing was written to my memory files; the conversation itself is kept and can be searched.)_";
const read = { calls: [{ name: "read_core_file", input: { name: "USER" } }] };
const write = { calls: [{ name: "write_core_file", input: { name: "USER", content: "- Likes blue" } }] };
const wasToldSo = (request: ModelRequestSeen) => newestWords(request).includes("no tool has saved anything");

describe("a model that says “I'll remember that” and calls nothing", () => {
  it("is asked once more, and saves it then: the answer is true", async () => {
    const model = scriptedModel("I'll remember that!", read, write, "Blue it is: I've saved that.");
    const one = await harness({ model });
    const { answer, events } = await one.say("I like blue");
    expect(answer).toBe("Blue it is: I've saved that.");
    expect((await one.memory.core.read("USER")).content).toBe("- Likes blue");
    expect(model.doStreamCalls.map((request) => wasToldSo(request))).toEqual([false, true, false, false]);
    // What was shown of the first answer is taken back, and it is no part of the conversation.
    expect(events.map(({ type }) => type)).toContain("text-reset");
    const last = allWords(model.doStreamCalls.at(-1) as ModelRequestSeen);
    expect(last).not.toContain("remember");
    expect(one.store.usage.since(new Date(0))[0]?.requests).toBe(4);
  });

  it("is let say instead that it has not", async () => {
    const model = scriptedModel("Noted.", "I have not saved that; say so if I should.");
    const one = await harness({ model });
    expect((await one.say("I like blue")).answer).toBe("I have not saved that; say so if I should.");
    expect(model.doStreamCalls).toHaveLength(2);
  });

  it("is contradicted when it says it again, in its own language, once and no more", async () => {
    const one = await harness({ model: scriptedModel("Das merke ich mir!") });
    const { answer } = await one.say("Ich mag Blau");
    expect(answer).toBe(
      "Das merke ich mir!\n\n_(In meine Gedächtnisdateien wurde nichts geschrieben; das Gespräch selbst bleibt erhalten und lässt sich durchsuchen.)_",
    );
    expect(one.model.doStreamCalls).toHaveLength(2);
  });

  it("is contradicted when it cannot be asked once more", async () => {
    const one = await harness({ model: scriptedModel("I'll remember that.", { error: new Error("no") }) });
    expect((await one.say("I like blue")).answer).toBe(`I'll remember that.\n\n${sentence}`);
  });

  it("is contradicted at once where its memory is closed", async () => {
    const one = await harness({ model: scriptedModel("I'll remember that.") });
    const { answer } = await one.say("I like blue", { origin: "guest", sender: "@bob:example.org" });
    expect(answer).toBe(`I'll remember that.\n\n${sentence}`);
    expect(one.model.doStreamCalls).toHaveLength(1);
  });

  it("is contradicted when what it tried has failed", async () => {
    const one = await harness({ model: scriptedModel(write, "I've updated USER.md.", "I've updated USER.md.") });
    expect((await one.say("I like blue")).answer).toBe(`I've updated USER.md.\n\n${sentence}`);
  });

  it("has the sentence in its history, and finds the next day what the person has said", async () => {
    const search = { calls: [{ name: "search_memory", input: { query: "favourite colour" } }] };
    const model = scriptedModel("Noted.", "Noted.", "Hello again.", search, "It is blue.");
    let day = "2026-11-20";
    const one = await harness({ model, now: () => new Date(`${day}T09:00:00Z`) });
    await one.say("my favourite colour is blue");
    await one.say("hello");
    expect(allWords(model.doStreamCalls.at(-1) as ModelRequestSeen)).toContain(sentence);

    day = "2026-11-21";
    one.store.sessions.begin("main", "test:room");
    expect((await one.say("which colour do I like best?")).answer).toBe("It is blue.");
    const found = JSON.stringify(model.doStreamCalls.at(-1)?.prompt.at(-1));
    expect(found).toContain("[2026-11-20 09:00] owner: my favourite colour is blue");
  });
});

describe("a claim that is true", () => {
  it.each([
    [
      "the journal",
      { name: "write_memory_file", input: { section: "Notes", text: "Likes blue." } },
      "I'll remember that.",
    ],
    ["a file", { name: "create_file", input: { path: "colours.md", content: "blue" } }, "I've saved that to a file."],
  ])("is let be: %s was written", async (_what, call, answer) => {
    const one = await harness({ model: scriptedModel({ calls: [call] }, answer) });
    expect((await one.say("I like blue")).answer).toBe(answer);
    expect(one.model.doStreamCalls).toHaveLength(2);
  });

  it("of remembering is none by a file alone", async () => {
    const call = { name: "create_file", input: { path: "colours.md", content: "blue" } };
    const one = await harness({ model: scriptedModel({ calls: [call] }, "I'll remember that.") });
    expect((await one.say("I like blue")).answer).toContain(sentence);
  });
});
