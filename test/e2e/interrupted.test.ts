import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { program } from "../support/program.ts";
import { readStore } from "../support/store-seen.ts";
import { canTrace, killing } from "../support/strace.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import { startWireModel } from "../support/wire-model.ts";

if (!canTrace) console.warn("Left out: a kill in the middle of a file, since there is no strace that may trace.");

describe("ended in the middle", () => {
  it("shows an answer that was stored and never shown, and asks no model for it", async () => {
    await using model = await startWireModel("ollama", () => "Here is the answer.");
    using home = temporaryHome();
    home.write("data/config.json", model.config);
    await using memtrix = program({ home: home.path });
    await memtrix.say("Hello?");
    // As it stands when the program is killed after the answer was stored, and before it was shown.
    {
      using database = new DatabaseSync(join(home.path, "data/memtrix.db"));
      database.exec("UPDATE outbox SET sent_at = NULL");
    }

    expect(await memtrix.chat([])).toMatchObject({ code: 0, stdout: "Here is the answer.\n" });
    expect(await memtrix.chat([])).toMatchObject({ code: 0, stdout: "" });
    expect(model.heard).toHaveLength(1);
  });

  it("keeps the answer for the next start when the reader has gone", async () => {
    await using model = await startWireModel("ollama", () => "Here is the answer.");
    using home = temporaryHome();
    home.write("data/config.json", model.config);
    await using memtrix = program({ home: home.path });
    const nobodyReads = ["sh", "-c", 'exec "$@" >/dev/full', "sh"];
    const unread = memtrix.start(["chat", "-m", "Hello?"], { prefix: nobodyReads });
    expect(await unread.ended).toMatchObject({ code: 1 });
    expect(readStore(home.path).outbox).toMatchObject([{ sent: false }]);
    expect(await memtrix.chat([])).toMatchObject({ code: 0, stdout: "Here is the answer.\n" });
  });

  it.skipIf(!canTrace)("makes the first files of the workspace whole, also when it was killed over them", async () => {
    await using model = await startWireModel("ollama", () => "Here I am.");
    using home = temporaryHome();
    home.write("data/config.json", model.config);
    await using memtrix = program({ home: home.path });
    await memtrix.say("Hello?");
    rmSync(join(home.path, "workspace"), { recursive: true });
    // By then a file is open, and what shall be in it is not on the disk.
    const prefix = killing("copy_file_range,sendfile,fsync");
    const killed = memtrix.start(["chat", "-m", "Hello?"], { prefix, limitMs: 30_000 });
    expect(await killed.ended).toMatchObject({ signal: "SIGKILL" });

    expect(await memtrix.say("Hello?")).toMatchObject({ code: 0 });
    for (const name of ["AGENT.md", "BEHAVIOR.md", "MEMORY.md", "SOUL.md", "USER.md"])
      expect(readFileSync(join(home.path, "workspace", name), "utf8")).toBe(
        readFileSync(join(import.meta.dirname, "../../onboard/templates", name), "utf8"),
      );
  });

  it("ends on SIGTERM within its grace, and finishes the run at the next start", async () => {
    let hangs = true;
    await using model = await startWireModel("ollama", ({ calls }) => {
      if (calls.length === 0) return { calls: [{ name: "create_file", input: { path: "a.txt", content: "a" } }] };
      return hangs ? { delayMs: Number.POSITIVE_INFINITY } : "Made it.";
    });
    using home = temporaryHome();
    home.write("data/config.json", model.config);
    await using memtrix = program({ home: home.path });

    const first = memtrix.start(["chat", "-m", "Make a file."]);
    await model.asked(1);
    const asked = performance.now();
    first.kill("SIGTERM");
    const { code, stdout, stderr } = await first.ended;
    expect({ code, stdout }).toEqual({ code: 143, stdout: "" });
    expect(stderr).not.toMatch(/went wrong|no answer/);
    expect(performance.now() - asked).toBeLessThan(10_000);

    hangs = false;
    expect(await memtrix.chat([])).toMatchObject({ code: 0, stdout: "Made it.\n" });
    const { log, runs } = readStore(home.path);
    expect(log.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant"]);
    expect(runs).toMatchObject([{ reason: "answered" }]);
  });

  it("remembers what the model has read: it need not read a core file again before it writes it", async () => {
    let hangs = true;
    await using model = await startWireModel("ollama", ({ calls }) => {
      const [read, wrote] = calls;
      if (!read) return { calls: [{ name: "read_core_file", input: { name: "USER" } }] };
      if (hangs) return { delayMs: Number.POSITIVE_INFINITY };
      if (wrote) return wrote.output;
      const content = "# My owner\n\n- Likes tea\n";
      return { calls: [{ name: "write_core_file", input: { name: "USER", content } }] };
    });
    using home = temporaryHome();
    home.write("data/config.json", model.config);
    await using memtrix = program({ home: home.path });
    const first = memtrix.start(["chat", "-m", "I like tea."]);
    await model.asked(1);
    first.kill("SIGKILL");
    await first.ended;

    hangs = false;
    expect((await memtrix.chat([])).stdout).toMatch(/^Saved USER\.md/);
  });

  it("answers within the grace when the model does", async () => {
    await using model = await startWireModel("ollama", () => ({ delayMs: 1_000, text: "Just in time." }));
    using home = temporaryHome();
    home.write("data/config.json", model.config);
    await using memtrix = program({ home: home.path });
    const first = memtrix.start(["chat", "-m", "Hello?"]);
    await model.asked(0);
    first.kill("SIGTERM");
    expect(await first.ended).toMatchObject({ code: 143, stdout: "Just in time.\n" });
    expect(readStore(home.path).outbox).toMatchObject([{ sent: true }]);
  });

  it.each(["exception", "rejection"])(
    "exits with 1 on a fault (%s) that nothing catches, logs it, and finishes the run at the next start",
    async (what) => {
      await using model = await startWireModel("ollama", (_, index) =>
        index === 0 ? { delayMs: Number.POSITIVE_INFINITY } : "Here is the answer.",
      );
      using home = temporaryHome();
      home.write("data/config.json", model.config);
      await using memtrix = program({ home: home.path });
      const preload = join(import.meta.dirname, "../support/throw-on-signal.mjs");
      const first = memtrix.start(["chat", "-m", "Hello?"], {
        env: { NODE_OPTIONS: `--import=${preload}`, THROW_AS: what },
      });
      await model.asked(0);
      first.kill("SIGUSR2");
      expect(await first.ended).toMatchObject({ code: 1, stdout: "" });
      const log = readFileSync(join(home.path, "data/memtrix.log"), "utf8");
      expect(log).toMatch(/ error Ended by a fault that nothing caught .*nothing catches this/);

      expect(await memtrix.chat([])).toMatchObject({ code: 0, stdout: "Here is the answer.\n" });
    },
  );

  it("goes on at the next start where the memory ran out", async () => {
    await using model = await startWireModel("ollama", (_, index) =>
      index === 0 ? { delayMs: Number.POSITIVE_INFINITY } : "Here is the answer.",
    );
    using home = temporaryHome();
    home.write("data/config.json", model.config);
    await using memtrix = program({ home: home.path });
    const preload = join(import.meta.dirname, "../support/throw-on-signal.mjs");
    const first = memtrix.start(["chat", "-m", "Hello?"], {
      env: { NODE_OPTIONS: `--import=${preload} --max-old-space-size=120`, THROW_AS: "memory" },
      limitMs: 60_000,
    });
    await model.asked(0);
    first.kill("SIGUSR2");
    expect(await first.ended).toMatchObject({ signal: "SIGABRT", stderr: expect.stringMatching(/heap out of memory/) });

    expect(await memtrix.chat([])).toMatchObject({ code: 0, stdout: "Here is the answer.\n" });
    expect(readStore(home.path)).toMatchObject({ integrity: "ok", inbox: [{ done: true }] });
  }, 90_000);

  it("gives up a message that has ended the program three times, and says so", async () => {
    await using model = await startWireModel("ollama", () => ({ delayMs: Number.POSITIVE_INFINITY }));
    using home = temporaryHome();
    home.write("data/config.json", model.config);
    await using memtrix = program({ home: home.path });
    for (const attempt of [1, 2, 3]) {
      const running = memtrix.start(attempt === 1 ? ["chat", "-m", "Deadly."] : ["chat"]);
      await model.asked(attempt - 1);
      running.kill("SIGKILL");
      await running.ended;
    }
    const { code, stdout, stderr } = await memtrix.chat([]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toContain("the program ended 3 times while I was at it");
    expect(model.heard).toHaveLength(3);
    expect(readStore(home.path).inbox).toMatchObject([{ done: true }]);
  });
});
