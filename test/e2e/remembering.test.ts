import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Turn } from "../support/model-server.ts";
import { program } from "../support/program.ts";
import { readStore } from "../support/store-seen.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import { type Heard, startWireModel, wireNames } from "../support/wire-model.ts";

describe.each(wireNames)("told a name over %s", (wire) => {
  it("knows it after a kill -9, in the prompt of the next message", async () => {
    await using model = await startWireModel(wire, learnsNames);
    using home = temporaryHome();
    home.write("data/config.json", model.config);
    await using memtrix = program({ home: home.path });

    const first = memtrix.start(["chat"]);
    first.input.write("My name is Imre.\n");
    await first.said("stdout", "Noted, Imre.");
    first.kill("SIGKILL");
    expect(await first.ended).toMatchObject({ code: null, signal: "SIGKILL", stdout: "Noted, Imre.\n" });
    expect(model.heard[0]?.instructions).not.toContain("Imre");

    expect(await memtrix.say("What am I called?")).toMatchObject({ code: 0, stdout: "You are Imre.\n" });
    expect(model.heard.at(-1)?.instructions).toContain("- Name: Imre");
    expect(readFileSync(join(home.path, "workspace/USER.md"), "utf8")).toContain("- Name: Imre\n");
  });

  it("goes on where it was killed while the model was about to answer, and answers once", async () => {
    let hangs = true;
    await using model = await startWireModel(wire, (heard) => {
      const turn = learnsNames(heard);
      return typeof turn === "string" && hangs ? { delayMs: Number.POSITIVE_INFINITY } : turn;
    });
    using home = temporaryHome();
    home.write("data/config.json", model.config);
    await using memtrix = program({ home: home.path });

    const first = memtrix.start(["chat", "-m", "My name is Imre."]);
    await first.said("stderr", "write_core_file USER");
    await model.asked(2);
    first.kill("SIGKILL");
    expect((await first.ended).stdout).toBe("");

    hangs = false;
    const next = await memtrix.chat([]);
    expect(next).toMatchObject({ code: 0, stdout: "Noted, Imre.\n" });
    expect(next.stderr).toMatch(/Going on with your message from .*: My name is Imre\./);
    const again = model.heard.at(-1) as Heard;
    expect(model.heard).toHaveLength(4);
    expect(again.instructions).toContain("- Name: Imre");
    expect(again.calls.map(({ name }) => name)).toEqual(["read_core_file", "write_core_file"]);
    expect(readStore(home.path).outbox).toEqual([{ text: "Noted, Imre.", sent: true, answers: [1] }]);
    expect(await memtrix.chat([])).toMatchObject({ code: 0, stdout: "", stderr: "" });
  });
});

it("knows a name after a kill -9 in a rehearsal too", async () => {
  using home = temporaryHome();
  await using memtrix = program({ home: home.path });
  const flags = ["--name", "Memtrix", "--provider", "rehearsal", "--channel", "cli", "--timezone", "UTC"];
  expect(await memtrix.start(["onboard", ...flags]).ended).toMatchObject({ code: 0 });

  const first = memtrix.start(["chat"]);
  first.input.write("My name is Imre.\n");
  await first.said("stdout", "Imre");
  first.kill("SIGKILL");
  await first.ended;

  const { code, stdout } = await memtrix.say("What is my name?");
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("Imre") });
});

/** Keeps the name it is told in USER.md, and else answers from its prompt. */
function learnsNames({ instructions, newest, calls }: Heard): string | Turn {
  const told = /my name is (\w+)/i.exec(newest)?.[1];
  if (!told) return `You are ${/<USER\.md>.*- Name: (\w+)/s.exec(instructions)?.[1] ?? "a stranger"}.`;
  const [read, wrote] = calls;
  if (!read) return { calls: [{ name: "read_core_file", input: { name: "USER" } }] };
  if (wrote) return `Noted, ${told}.`;
  const content = `${read.output.replace(/\n\n\[.*\]\s*$/s, "").trimEnd()}\n- Name: ${told}\n`;
  return { calls: [{ name: "write_core_file", input: { name: "USER", content } }] };
}
