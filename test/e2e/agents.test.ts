import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type Program, program } from "../support/program.ts";
import { type TemporaryHome, temporaryHome } from "../support/temporary-home.ts";
import { type Heard, startWireModel, type WireModel } from "../support/wire-model.ts";

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

/** A model that does as it is told: `call TOOL {…}` is the call, `say …` the answer. */
function obedient({ newest, calls }: Heard) {
  const [, name, input] = /^call (\w+) (.*)$/m.exec(newest) ?? [];
  if (!name || calls.length > 0) return calls.length > 0 ? `It gave: ${calls.at(-1)?.output}` : "Said nothing.";
  return { calls: [{ name, input: JSON.parse(input ?? "{}") }] };
}

async function opening(): Promise<{ home: TemporaryHome; memtrix: Program; model: WireModel }> {
  const model = await startWireModel("ollama", obedient);
  const home = temporaryHome();
  home.write("data/config.json", model.config);
  const memtrix = program({ home: home.path });
  opened.push(model, { [Symbol.asyncDispose]: async () => home[Symbol.dispose]() }, memtrix);
  return { home, memtrix, model };
}

const configOf = (home: TemporaryHome) => JSON.parse(readFileSync(join(home.path, "data/config.json"), "utf8"));
const cook = { name: "Cook", description: "recipes and menus", instructions: "You cook for two." };

describe("an agent that is made in the chat", { timeout: 60_000 }, () => {
  it("is there after a yes, has a character and a memory of its own, and is gone after a second one", async () => {
    const { home, memtrix, model } = await opening();
    const made = await memtrix.say(`call create_agent ${JSON.stringify(cook)}`, "--yes");
    expect(made.stdout).toContain("Cook is there. The owner reaches it with: memtrix chat --agent cook");
    expect(configOf(home).agents.cook).toMatchObject({ name: "Cook", channel: "cli", tainted: false });
    expect(readFileSync(join(home.path, "agents/cook/SOUL.md"), "utf8")).toBe("You cook for two.\n");

    await memtrix.say("Hello.", "--agent", "cook");
    expect(model.heard.at(-1)?.instructions).toContain("You cook for two.");
    const asked = await memtrix.say('call ask_agent {"name":"Cook","question":"What is for dinner?"}', "--yes");
    expect(asked.stdout).toContain("It gave: Said nothing.");

    const removed = await memtrix.say('call delete_agent {"name":"cook"}', "--yes");
    expect(removed.stdout).toContain("Cook is gone");
    expect(configOf(home).agents).toEqual({});
    expect(existsSync(join(home.path, "agents/cook"))).toBe(false);
    expect((await memtrix.say("Hello.", "--agent", "cook")).code).toBe(2);
    const again = await memtrix.say(`call create_agent ${JSON.stringify(cook)}`, "--yes");
    expect(again.stdout).toContain("an id is never used again");
  });

  it("is not there after a no", async () => {
    const { home, memtrix } = await opening();
    const made = await memtrix.say(`call create_agent ${JSON.stringify(cook)}`);
    expect(made.stdout).toContain("no");
    expect(configOf(home).agents ?? {}).toEqual({});
  });
});

describe("memtrix agents, while Memtrix runs", { timeout: 60_000 }, () => {
  it("changes nothing, and says how to have it done", async () => {
    const { home, memtrix } = await opening();
    const running = memtrix.start(["chat"]);
    running.input.write("Hello.\n");
    await running.said("stdout", "Said nothing.");
    const made = await memtrix.start(["agents", "create", "Cook", "--description", "menus"]).ended;
    expect(made).toMatchObject({ code: 1, stdout: "" });
    expect(made.stderr).toMatch(
      /Memtrix is running \(memtrix chat, .*nothing was changed.*"Create an agent named Cook: menus"/,
    );
    expect(made.stderr).toContain("Or end it there, and run this again.");
    expect((await memtrix.start(["agents", "list"]).ended).stdout).toContain("Memtrix (main)");
    running.input.end();
    expect((await running.ended).code).toBe(0);

    const later = await memtrix.start(["agents", "create", "Cook", "--description", "menus"]).ended;
    expect(later.stdout).toBe("Cook is made. Talk to it with: memtrix chat --agent cook\n");
    expect(configOf(home).agents.cook.name).toBe("Cook");
  });
});
