import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Turn } from "../support/model-server.ts";
import { program } from "../support/program.ts";
import { readStore } from "../support/store-seen.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import { type Heard, startWireModel } from "../support/wire-model.ts";

/** A program over a fresh home, and the model it talks to. */
async function start(answer: (heard: Heard, index: number) => string | Turn) {
  const stack = new AsyncDisposableStack();
  const model = stack.use(await startWireModel("ollama", answer));
  const home = stack.use(temporaryHome());
  home.write("data/config.json", model.config);
  const memtrix = stack.use(program({ home: home.path }));
  return { model, home, memtrix, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const asked = ({ newest }: Heard) => newest.split("</context>").at(-1)?.trim() ?? "";

describe("chat -m", () => {
  it("prints the answer alone, and exits with 0", async () => {
    await using one = await start((heard) => `You said: ${asked(heard)}`);
    expect(await one.memtrix.say("Two words")).toMatchObject({ code: 0, stdout: "You said: Two words\n", stderr: "" });
  });

  it("keeps what goes on beside the answer on stderr", async () => {
    await using one = await start(({ calls }) =>
      calls.length > 0 ? "It is late." : { text: "Let me look.", calls: [{ name: "get_current_time", input: {} }] },
    );
    const { code, stdout, stderr } = await one.memtrix.say("What time is it?");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "It is late.\n" });
    expect(stderr).toMatch(/^● get_current_time/);
  });

  it("reads the text from the input when it is -", async () => {
    await using one = await start((heard) => `You said: ${asked(heard)}`);
    const running = one.memtrix.start(["chat", "-m", "-"]);
    running.input.end("One line\nand another\n");
    expect(await running.ended).toMatchObject({ code: 0, stdout: "You said: One line\nand another\n" });
  });

  it("prints events, one JSON object a line, with --json", async () => {
    await using one = await start(({ calls }) =>
      calls.length > 0 ? "It is late." : { calls: [{ name: "get_current_time", input: {} }] },
    );
    const { code, stdout } = await one.memtrix.say("What time is it?", "--json");
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(code).toBe(0);
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(["run-start", "tool-start", "tool-end", "step-end", "text-delta", "run-end", "answer"]),
    );
    expect(events.find(({ type }) => type === "answer")).toMatchObject({ text: "It is late.", failed: false });
  });

  it("says on stderr that the model is not to be reached, and exits with 1", async () => {
    await using one = await start(() => "never said");
    await one.model[Symbol.asyncDispose]();
    const running = one.memtrix.start(["chat", "-m", "Hello?"], { limitMs: 60_000 });
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/Nothing answers at http:\/\/127\.0\.0\.1:\d+\. Is Ollama running there\?/);
    expect(readStore(one.home.path).inbox).toMatchObject([{ text: "Hello?", done: true }]);
  }, 70_000);

  it("says in one sentence what is wrong with its arguments", async () => {
    await using one = await start(() => "never said");
    const { code, stdout, stderr } = await one.memtrix.start(["chat", "--massage", "Hello"]).ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(stderr).toContain("--massage");
  });
});

describe("a question in chat -m", () => {
  const deletes = ({ calls: [call] }: Heard): string | Turn =>
    call ? `It says: ${call.output}` : { calls: [{ name: "delete_file", input: { path: "old.txt" } }] };

  it("is answered with no, since nobody is there", async () => {
    await using one = await start(deletes);
    one.home.write("workspace/old.txt", "old");
    const { code, stdout, stderr } = await one.memtrix.say("Delete old.txt");
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^It says: .*not done/) });
    expect(stderr).toMatch(/Delete `old\.txt` .*\?\nNo: nobody is here to ask/);
    expect(existsSync(join(one.home.path, "workspace/old.txt"))).toBe(true);
    expect(readStore(one.home.path).approvals).toEqual([{ tool: "delete_file", state: "no" }]);
  });

  it("is answered with yes by --yes", async () => {
    await using one = await start(deletes);
    one.home.write("workspace/old.txt", "old");
    const { code, stdout } = await one.memtrix.say("Delete old.txt", "--yes");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "It says: Deleted `old.txt`.\n" });
    expect(existsSync(join(one.home.path, "workspace/old.txt"))).toBe(false);
    expect(readStore(one.home.path).approvals).toEqual([{ tool: "delete_file", state: "yes" }]);
  });
});

describe("piped input", () => {
  it("takes each line as a message and answers them in order", async () => {
    await using one = await start((heard) => `You said: ${asked(heard)}`);
    const { code, stdout } = await one.memtrix.chat(["One", "", "Two", "/help", "Three"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^You said: One\nYou said: Two\n(?:.*\n)*.*\/clear(?:.*\n)*You said: Three\n$/);
    expect(one.model.heard).toHaveLength(3);
  });

  it("keeps two conversations apart", async () => {
    await using one = await start(({ newest }) => `You said: ${newest.split("\n").at(-1)}`);
    await one.memtrix.chat(["In the first"]);
    await one.memtrix.chat(["In the second"], "--conversation", "other");
    expect(one.model.bodies[1]?.toString()).not.toContain("In the first");
  });
});
