import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readFileSync, watch } from "node:fs";
import { uptime } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { health } from "../../src/cli/health.ts";
import { readHeartbeat, startHeartbeat } from "../../src/heartbeat.ts";
import { program } from "../support/program.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import { startWireModel } from "../support/wire-model.ts";

const log = { debug() {}, info() {}, warn() {}, error() {} };
const soon = 50;

/** A home whose program gives this sign of life. */
function homeWith(heartbeat: object): string {
  using home = new DisposableStack();
  const { path, write } = home.use(temporaryHome());
  write("data/heartbeat.json", { writtenAtUptime: uptime(), lateMs: 3, connections: [], ...heartbeat });
  const kept = home.move();
  onTestFinished(() => kept.dispose());
  return path;
}

async function told(home: string): Promise<{ healthy: boolean; problems: string[] }> {
  const lines: string[] = [];
  const { log: print } = console;
  console.log = (line: string) => void lines.push(line);
  try {
    const code = await health(["--json"], { home });
    const answer = JSON.parse(lines.join("\n"));
    expect(code).toBe(answer.healthy ? 0 : 1);
    return answer;
  } finally {
    console.log = print;
  }
}

const main = { agent: "main", silentSeconds: 10, undecryptable: 0 };

describe("memtrix health", () => {
  it("is well while the program runs, and not when it was killed", async () => {
    await using model = await startWireModel("ollama", () => "Hello.");
    using home = temporaryHome();
    home.write("data/config.json", model.config);
    await using memtrix = program({ home: home.path });
    const ask = () => memtrix.start(["health"]).ended;
    expect(await ask()).toMatchObject({ code: 1, stdout: "not well: it does not run\n" });

    const file = join(home.path, "data/heartbeat.json");
    const running = memtrix.start(["start"], { limitMs: 60_000 });
    const folder = watch(join(home.path, "data"));
    while (!existsSync(file)) await once(folder, "change");
    folder.close();
    expect(await ask()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^well: event loop at most \d+ ms/) });

    running.kill("SIGKILL");
    await running.ended;
    const last = JSON.parse(readFileSync(file, "utf8"));
    home.write("data/heartbeat.json", { ...last, writtenAtUptime: last.writtenAtUptime - 60 });
    expect((await ask()).stdout).toMatch(/^not well: it has given no sign of life for 6\d s: it was killed, hangs, or/);
  });

  it("is well when each agent has heard from its homeserver in the last two minutes", async () => {
    expect(await told(homeWith({ connections: [main] }))).toMatchObject({ healthy: true, silentSeconds: 10 });
    const silent = homeWith({ connections: [main, { ...main, agent: "cook", silentSeconds: 121 }] });
    expect((await told(silent)).problems).toEqual(["cook has heard nothing from its homeserver for 121 s"]);
  });

  it("is not well before the first word of the homeserver, and says what it waits for", async () => {
    const waiting = homeWith({ connections: [{ ...main, silentSeconds: null, problem: "connection refused" }] });
    expect((await told(waiting)).problems).toEqual(["main is not connected to its homeserver (connection refused)"]);
  });

  it("is not well when messages cannot be read, or the event loop is held up", async () => {
    const unread = homeWith({ connections: [{ ...main, undecryptable: 3 }], lateMs: 1_500 });
    expect((await told(unread)).problems).toEqual([
      "main could not read 3 messages of the last two minutes",
      "its event loop was held up for 1500 ms",
    ]);
  });

  it("is not well when the disk is slow", async () => {
    expect((await told(homeWith({ writeMs: 2_100 }))).problems).toEqual([
      "its disk is slow: a small file took 2100 ms",
    ]);
  });

  it("does not believe a sign of life from before the machine was started anew", async () => {
    const ahead = homeWith({ writtenAtUptime: uptime() + 50_000 });
    expect((await told(ahead)).problems[0]).toContain("no sign of life since this machine was started");
  });
});

describe("the heartbeat", () => {
  it("tells how long the event loop was held up", async () => {
    const directory = temporaryFolder();
    await using _heartbeat = await startHeartbeat({ directory, log, connections: () => [], intervalMs: soon });
    const until = performance.now() + 1_600;
    while (performance.now() < until);
    let late = 0;
    while (late < 1_000) late = (await readHeartbeat(directory))?.heartbeat.lateMs ?? 0;
    expect(late).toBeLessThan(10_000);
  });

  it("is gone when the program has ended", async () => {
    const directory = temporaryFolder();
    await (await startHeartbeat({ directory, log, connections: () => [] }))[Symbol.asyncDispose]();
    expect(await readHeartbeat(directory)).toBeUndefined();
  });

  it.skipIf(process.getuid?.() === 0)("is not written where the data cannot be, with one word of it", async () => {
    const directory = join(temporaryFolder(), "data");
    mkdirSync(directory);
    chmodSync(directory, 0o500);
    const warned: string[] = [];
    const heard = { ...log, warn: (text: string) => void warned.push(text) };
    await using _heartbeat = await startHeartbeat({ directory, log: heard, connections: () => [], intervalMs: soon });
    expect(await readHeartbeat(directory)).toBeUndefined();
    expect(warned).toHaveLength(1);
  });
});
