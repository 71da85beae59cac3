import { once } from "node:events";
import { existsSync, rmSync, symlinkSync, watch } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { layMatrixHome } from "../support/matrix-home.ts";
import { program } from "../support/program.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import { startWireModel } from "../support/wire-model.ts";

/** Runs a program whose log goes nowhere. */
const under = (redirection: string) => ["sh", "-c", `exec "$@" ${redirection}`, "sh"];

it.each([
  ["on a full disk", under("2>/dev/full")],
  ["that is closed", under("2>&-")],
  ["whose reader has gone", ["bash", "-c", 'exec "$@" 2> >(true)', "bash"]],
])(
  "a log %s is no reason not to answer",
  async (_how, prefix) => {
    await using model = await startWireModel("ollama", ({ newest }) => `You said: ${newest.split("\n").at(-1)}`);
    using home = temporaryHome();
    home.write("data/config.json", model.config);
    await using memtrix = program({ home: home.path });
    const running = memtrix.start(["start"], { prefix, limitMs: 30_000, env: { LOG_LEVEL: "debug" } });
    running.input.write("one\n");
    await running.said("stdout", "You said: one");
    running.input.end("two\n");
    expect(await running.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/one\nYou said: two\n$/) });
  },
  40_000,
);

it("a log file on a full disk is no reason not to answer", async () => {
  await using model = await startWireModel("ollama", () => "Here I am.");
  using home = temporaryHome();
  home.write("data/config.json", model.config);
  const log = join(home.path, "data/memtrix.log");
  rmSync(log, { force: true });
  symlinkSync("/dev/full", log);
  await using memtrix = program({ home: home.path });
  expect(await memtrix.say("Hello?")).toMatchObject({ code: 0, stdout: "Here I am.\n" });
}, 40_000);

it("an agent in Matrix whose log nobody reads goes on, waits for its homeserver, and is not healthy meanwhile", async () => {
  await using model = await startWireModel("ollama", () => "Here I am.");
  using home = temporaryHome();
  const user = (name: string) => ({ userId: `@${name}:x`, deviceId: "D", accessToken: "token", password: "" });
  const nobodyListens = "http://127.0.0.1:9";
  layMatrixHome(home, { url: nobodyListens, agent: user("memtrix"), owner: user("owner"), model: model.config });
  await using memtrix = program({ home: home.path });
  const running = memtrix.start(["start"], {
    prefix: ["bash", "-c", 'exec "$@" 2> >(true)', "bash"],
    ...{ limitMs: 60_000, env: { LOG_LEVEL: "debug" } },
  });
  const data = watch(join(home.path, "data"));
  while (!existsSync(join(home.path, "data/heartbeat.json"))) await once(data, "change");
  data.close();
  const health = await memtrix.start(["health"]).ended;
  expect(health).toMatchObject({ code: 1, stdout: expect.stringMatching(/^not well: main is not connected/) });
  running.kill("SIGTERM");
  expect(await running.ended).toMatchObject({ code: 143 });
}, 90_000);
