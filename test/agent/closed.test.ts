import { afterEach, describe, expect, it } from "vitest";
import { openHarness } from "../support/agent-harness.ts";
import { scriptedModel } from "../support/scripted-model.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function said(how: { exposed?: boolean; origin?: "owner" | "guest" }) {
  const harness = await openHarness({ model: scriptedModel("Hello."), frame: "{{SOUL}} {{USER}}" });
  closing.push(() => harness.close());
  await harness.folder.write("USER.md", "Her secret is blue.");
  await harness.folder.write("SOUL.md", "You are calm.");
  const message = {
    ...{ channel: "test", agent: "main", conversation: "test:room", sender: "@a:b", text: "hi" },
    ...{ origin: "owner" as const, event: "$1", at: new Date("2026-11-20T14:05:00Z"), ...how },
  };
  const inbox = harness.store.inbox.add(message) ?? 0;
  await harness.hand({ ...message, inbox });
  const [call] = harness.model.doStreamCalls;
  return { prompt: JSON.stringify(call?.prompt), tools: (call?.tools ?? []).map(({ name }) => name) };
}

describe("what a conversation knows of the owner", () => {
  it("is all of it where the owner is alone", async () => {
    const { prompt, tools } = await said({});
    expect(prompt).toContain("blue");
    expect(tools).toContain("search_memory");
  });

  it("M04: is nothing where strangers read along, and no tool reaches it", async () => {
    const { prompt, tools } = await said({ exposed: true });
    expect(prompt).not.toContain("blue");
    expect(prompt).toContain("You are calm.");
    for (const name of ["search_memory", "read_file", "write_core_file", "write_memory_file"])
      expect(tools).not.toContain(name);
    expect(tools).toContain("get_current_time");
  });

  it("is nothing for a guest", async () => {
    expect((await said({ origin: "guest" })).prompt).not.toContain("blue");
  });
});
