import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { alwaysAnswer, openHarness } from "../support/agent-harness.ts";
import { type ScriptedTurn, scriptedModel } from "../support/scripted-model.ts";

type Harness = Awaited<ReturnType<typeof openHarness>>;
let harness: Harness;
afterEach(() => harness.close());

async function harnessThat(call: { name: string; input: unknown }): Promise<Harness> {
  const turns: ScriptedTurn[] = [{ calls: [call] }, { text: "There." }];
  harness = await openHarness({ model: scriptedModel(...turns) });
  await writeFile(join(harness.home, "workspace", "menu.txt"), "soup\n");
  return harness;
}
const sending = { name: "send_file", input: { path: "menu.txt", caption: "for **you**" } };

describe("send_file", () => {
  it("sends a file of the workspace to its owner without asking", async () => {
    const { say, files } = await harnessThat(sending);
    const { ask, questions } = alwaysAnswer("yes");
    await say("send me the menu", { ask });
    expect(questions).toEqual([]);
    expect(files).toEqual([
      { name: "menu.txt", path: "menu.txt", bytes: Buffer.from("soup\n"), caption: "for **you**" },
    ]);
  });

  it("names those who would read it and are no owners, and sends nothing after a no", async () => {
    const { say, files, others } = await harnessThat(sending);
    others.push("@eve:example.com", "@mallory:example.com");
    const { ask, questions } = alwaysAnswer({ no: "" });
    await say("send me the menu", { ask });
    expect(questions.map(({ text }) => text)).toEqual([
      expect.stringContaining("@eve:example.com, @mallory:example.com"),
    ]);
    expect(files).toEqual([]);
  });

  it.each(["missing.txt", "../menu.txt", "USER.md", "memory/2026-11-20.md", "/etc/passwd"])(
    "does not send %s",
    async (path) => {
      const { say, files } = await harnessThat({ name: "send_file", input: { path } });
      const { events } = await say("send it");
      expect(events).toContainEqual(expect.objectContaining({ type: "tool-end", failed: true }));
      expect(files).toEqual([]);
    },
  );
});

describe("react_to_message", () => {
  it("lays an emoji on the message", async () => {
    const { say, reactions } = await harnessThat({ name: "react_to_message", input: { emoji: "👩‍🍳" } });
    await say("I cooked!");
    expect(reactions).toEqual(["👩‍🍳"]);
  });

  it.each(["yes", "👍👍", "", "👍 ok"])("lays nothing else on it: %j", async (emoji) => {
    const { say, reactions } = await harnessThat({ name: "react_to_message", input: { emoji } });
    await say("I cooked!");
    expect(reactions).toEqual([]);
  });
});
