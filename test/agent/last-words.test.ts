import { afterEach, describe, expect, it } from "vitest";
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

const saving = { calls: [{ name: "write_memory_file", input: { section: "Notes", text: "Likes tea." } }] };

describe("the last words of a run", () => {
  it("are what it said before it saved, when white space is all that follows", async () => {
    const one = await harness({ model: scriptedModel({ text: "Noted: tea.", ...saving }, " \n", "Here.") });
    expect((await one.say("I like tea")).answer).toBe("Noted: tea.");
    await one.say("hello?");
    expect(JSON.stringify(one.prompts()[2])).not.toContain('" \\n"');
  });

  it("are not covered by white space beside a later call", async () => {
    const model = scriptedModel({ text: "Noted: tea.", ...saving }, { text: "\n\n", ...saving }, "");
    const one = await harness({ model });
    expect((await one.say("I like tea")).answer).toBe("Noted: tea.");
  });

  it("answer what the person added while it was saving, though all was said before", async () => {
    const one = await harness({ model: scriptedModel({ text: "Noted: tea.", ...saving }, "", "Ada, you said.") });
    let added: Promise<unknown> | undefined;
    const { answer } = await one.say("I like tea", {
      onEvent: (event) => {
        if (event.type === "tool-start") added ??= one.say("and what is my name?");
      },
    });
    await added;
    expect(answer).toBe("Ada, you said.");
  });

  it("are in the history as the person read them, also when the model was cut off before it said a word", async () => {
    const one = await harness({ model: scriptedModel({ thinking: "hm", finish: "length" }, "Here.") });
    expect((await one.say("think")).answer).toContain("Cut off");
    await one.say("go on");
    expect(JSON.stringify(one.prompts()[1])).toContain("Cut off");
    expect(JSON.stringify(one.prompts()[1])).not.toContain("Done.");
  });

  it("stand in the history once when a limit ends the run", async () => {
    const looking = { text: "Let me look.", calls: [{ name: "list_directory", input: {} }] };
    const one = await harness({ model: scriptedModel(looking, "Here."), agent: { limits: { repeats: 1 } } });
    expect((await one.say("look")).answer).toMatch(/^Let me look\.\n\nI stopped/);
    await one.say("hello?");
    expect(JSON.stringify(one.prompts()[1]).split("Let me look.")).toHaveLength(2);
  });
});
