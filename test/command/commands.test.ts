import { beforeEach, describe, expect, it } from "vitest";
import { clear } from "../../src/command/clear.ts";
import type { ModelChoice, SwitchName } from "../../src/command/command.ts";
import { commands } from "../../src/command/commands.ts";
import { help } from "../../src/command/help.ts";
import { memory } from "../../src/command/memory.ts";
import { model } from "../../src/command/model.ts";
import { status } from "../../src/command/status.ts";
import { stop } from "../../src/command/stop.ts";
import { reasoning, verbose } from "../../src/command/switch.ts";
import { usage } from "../../src/command/usage.ts";
import { silent } from "../../src/log.ts";
import type { Memory } from "../../src/memory/memory.ts";
import { openMemory } from "../../src/memory/open-memory.ts";
import { openFolder } from "../../src/sandbox/folder.ts";
import type { Store } from "../../src/store/store.ts";
import { type Clock, clockAt, temporaryFolder, temporaryStore } from "../support/temporary.ts";

describe("/help", () => {
  it("says one line for each command that this person may use", async () => {
    const lines = (await help.run("", { commands })).split("\n");
    expect(lines).toHaveLength(commands.length);
    expect(lines).toContain("- `/verbose on|off` show tool calls with their results");
    expect(await help.run("", { commands: [help] })).toBe("- `/help` what you can type here");
  });
});

describe("/clear", () => {
  it("begins a fresh conversation, and is also called /new", async () => {
    let cleared = 0;
    const conversation = { clear: () => void cleared++, stop: () => ({ running: false, dropped: 0 }) };
    expect(await clear.run("", { conversation })).toMatch(/^A fresh start\./);
    expect(cleared).toBe(1);
    expect(clear.aliases).toEqual(["new"]);
  });
});

describe("/stop", () => {
  it.each([
    [{ running: false, dropped: 0 }, "There is nothing to stop."],
    [{ running: true, dropped: 0 }, "Stopped."],
    [{ running: true, dropped: 1 }, "Stopped, and the message that was waiting is dropped."],
    [{ running: true, dropped: 3 }, "Stopped, and the 3 messages that were waiting are dropped."],
  ])("says what was stopped: %j", async (stopped, expected) => {
    expect(await stop.run("", { conversation: { clear() {}, stop: () => stopped } })).toBe(expected);
  });
});

describe.each([
  ["/verbose", verbose, "Showing tool calls"],
  ["/reasoning", reasoning, "Showing the model's thinking"],
] as const)("%s", (typed, command, title) => {
  const on = new Set<SwitchName>();
  const switches = {
    get: (name: SwitchName) => on.has(name),
    set: (name: SwitchName, value: boolean) => void (value ? on.add(name) : on.delete(name)),
  };

  it("is off at first, is switched, and shows how it is", async () => {
    const answers: string[] = [];
    for (const args of ["", "on", "", "ON", "off", ""]) answers.push(await command.run(args, { switches }));
    expect(answers).toEqual(["off", "on", "on", "on", "off", "off"].map((state) => `${title}: ${state}.`));
  });

  it("says how it is typed, and changes nothing, when it was something else", async () => {
    expect(await command.run("maybe", { switches })).toBe(`Type \`${typed} on\` or \`${typed} off\`.`);
    expect(on.size).toBe(0);
  });
});

describe("/model", () => {
  let chosen: unknown[];
  let models: ModelChoice;
  beforeEach(() => {
    chosen = [];
    models = {
      current: () => "small",
      available: () => [
        { name: "small", description: "qwen:4b of home" },
        { name: "large", description: "big of cloud" },
      ],
      choose: (...choice) => void chosen.push(choice),
    };
  });

  it("lists the models, with the one that answers here", async () => {
    expect(await model.run("", { models })).toBe("- **small** (in use): qwen:4b of home\n- large: big of cloud");
  });

  it("switches for this conversation, or always", async () => {
    expect(await model.run("large", { models })).toBe("large answers in this conversation from now on.");
    expect(await model.run("large  always", { models })).toBe("large answers from now on.");
    expect(chosen).toEqual([
      ["large", "conversation"],
      ["large", "agent"],
    ]);
  });

  it("says what there is instead of one that is not there, or of other words", async () => {
    expect(await model.run("huge", { models })).toBe("There is no model named huge. There are: small, large.");
    expect(await model.run("large forever", { models })).toBe("Type `/model NAME` or `/model NAME always`.");
    expect(chosen).toEqual([]);
  });
});

describe("/status", () => {
  it("is a list of what there is to know", async () => {
    const lines: [string, string][] = [
      ["agent", "Memtrix"],
      ["waiting", "nothing"],
    ];
    expect(await status.run("", { status: async () => lines })).toBe("- **agent**: Memtrix\n- **waiting**: nothing");
  });
});

describe("/usage", () => {
  let clock: Clock;
  let store: Store;
  beforeEach(() => {
    clock = clockAt("2026-11-20T10:00:00Z");
    store = temporaryStore(clock.now);
  });
  const add = (at: string, cost?: number): void => {
    clock.set(at);
    store.usage.add({
      agent: "Memtrix",
      model: "small",
      inputTokens: 1_000,
      outputTokens: 100,
      cachedTokens: 400,
      cost,
    });
  };
  const run = (caps: { tokensPerDay: number | null; costPerDay: number | null }) =>
    usage.run("", { usage: store.usage, caps, now: clock.now, timezone: "Europe/Berlin" });
  const off = { tokensPerDay: null, costPerDay: null };

  it("sums the last seven of the owner's days, today first", async () => {
    add("2026-11-13T22:59:59Z", 9); // The eighth day back, in Berlin.
    add("2026-11-13T23:00:00Z");
    add("2026-11-19T23:30:00Z", 0.01);
    add("2026-11-20T10:00:00Z", 0.02);
    expect(await run(off)).toBe(`| day | agent | model | requests | tokens in | of them cached | tokens out | cost |
|---|---|---|--:|--:|--:|--:|--:|
| 2026-11-20 | Memtrix | small | 2 | 2000 | 800 | 200 | $0.0300 |
| 2026-11-14 | Memtrix | small | 1 | 1000 | 400 | 100 | – |`);
  });

  it("says what is left of today's limits, never less than nothing", async () => {
    add("2026-11-18T10:00:00Z", 100);
    add("2026-11-20T10:00:00Z", 0.25);
    expect(await run({ tokensPerDay: 5_000, costPerDay: 1 })).toMatch(
      /\n\nLeft today: 3900 of 5000 tokens, \$0\.7500 of \$1\.0000\.$/,
    );
    expect(await run({ tokensPerDay: 1_000, costPerDay: null })).toMatch(/\n\nLeft today: 0 of 1000 tokens\.$/);
  });

  it("says so when there is nothing to sum", async () => {
    expect(await run(off)).toBe("No model was asked in the last seven days.");
  });
});

describe("/memory", () => {
  let own: Memory;
  beforeEach(async () => {
    const { now } = clockAt("2026-11-20T10:00:00Z");
    const store = temporaryStore(now);
    const directory = temporaryFolder();
    const folder = await openFolder(directory);
    own = openMemory({ folder, directory, tables: store.memory("main"), timezone: "UTC", now, log: silent });
    await own.journal.append({ day: "2026-11-20", section: "Notes", text: "The boat is blue.", origin: "agent" });
  });

  it.each(["", "status"])("says how it is: %j", async (args) => {
    expect(await memory.run(args, { memory: own })).toBe("Memory: 0 messages and 1 journal day, searched by keyword.");
  });

  it("finds what it holds on something", async () => {
    expect(await memory.run("search  blue\nboat", { memory: own })).toBe(
      "[2026-11-20, journal] Notes: 10:00 The boat is blue.",
    );
    expect(await memory.run("search unicorns", { memory: own })).toBe("Nothing found.");
  });

  it.each(["search", "burn everything"])("says how it is typed instead of %j", async (args) => {
    expect(await memory.run(args, { memory: own })).toBe(
      "Type `/memory`, `/memory search WORDS` or `/memory reindex`.",
    );
  });
});
