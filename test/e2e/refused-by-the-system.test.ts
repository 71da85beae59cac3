import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { asNobody, canBeNobody, canLimit, limited, readOnly } from "../support/narrow.ts";
import { program } from "../support/program.ts";
import { canMount } from "../support/small-disk.ts";
import { readStore } from "../support/store-seen.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import { type Heard, startWireModel } from "../support/wire-model.ts";

const content = "one line\n".repeat(1_000);
const answerOf = ({ output }: Heard["calls"][number]) => output.slice(0, 60);
const writes = ({ calls: [call] }: Heard) =>
  call ? answerOf(call) : { calls: [{ name: "create_file", input: { path: "a.txt", content } }] };

/** An installation in use, whose model writes a file when it is spoken to. */
async function inUse() {
  await using opening = new AsyncDisposableStack();
  const model = opening.use(await startWireModel("ollama", writes));
  const home = opening.use(temporaryHome());
  home.write("data/config.json", model.config);
  const memtrix = opening.use(program({ home: home.path }));
  await memtrix.chat([]);
  const kept = opening.move();
  return { home, memtrix, file: join(home.path, "workspace/a.txt"), [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Says one thing under a prefix, in which the program must say what is wrong and not how it is made. */
async function sayUnder(prefix: readonly string[], { memtrix }: Awaited<ReturnType<typeof inUse>>) {
  const running = memtrix.start(["chat", "-m", "Write it."], { prefix, limitMs: 30_000 });
  running.input.end();
  const ended = await running.ended;
  expect(ended.signal).toBeNull();
  expect(ended.stderr).not.toMatch(/^ +at /m);
  return ended;
}

/** Once the limit is gone, all that was taken in is dealt with, once. */
async function isWholeAfterwards({ home, memtrix }: Awaited<ReturnType<typeof inUse>>): Promise<void> {
  expect(await memtrix.chat([])).toMatchObject({ code: 0 });
  const { integrity, inbox, outbox } = readStore(home.path);
  expect(integrity).toBe("ok");
  expect(inbox.every(({ done }) => done)).toBe(true);
  expect(outbox).toHaveLength(inbox.length);
}

describe.skipIf(!canLimit)("a limit of the system", { timeout: 60_000 }, () => {
  it.each([8_000, 300_000])("on the size of files (%i bytes) is told, and nothing is torn", async (most) => {
    await using place = await inUse();
    const { code, stdout, stderr } = await sayUnder(limited("fsize", most), place);
    if (code !== 0)
      expect({ stdout, stderr }).toEqual({ stdout: "", stderr: expect.stringMatching(/^The disk cannot/m) });
    await isWholeAfterwards(place);
    if (existsSync(place.file)) expect(readFileSync(place.file, "utf8")).toBe(content);
  });

  it.each([24, 32])("on open files (%i) is told, and ends nothing by itself", async (most) => {
    await using place = await inUse();
    const { code, stdout, stderr } = await sayUnder(limited("nofile", most), place);
    if (code !== 0)
      expect({ stdout, stderr }).toEqual({ stdout: "", stderr: expect.stringMatching(/cannot be opened|files/) });
    await isWholeAfterwards(place);
  });

  it("on open files of 64 is no limit", async () => {
    await using place = await inUse();
    expect(await sayUnder(limited("nofile", 64), place)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Wrote/),
    });
  });
});

describe.skipIf(!canMount)("a read-only file system", { timeout: 60_000 }, () => {
  it.each(["", "data"])("under all or the data is said at the start, in one sentence (%j)", async (folder) => {
    await using place = await inUse();
    const { code, stderr } = await sayUnder(readOnly(join(place.home.path, folder)), place);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^The disk is read-only: .*\n$/) });
    await isWholeAfterwards(place);
  });

  it("under the workspace alone: the tool says so, and all else goes on", async () => {
    await using place = await inUse();
    const { code, stdout } = await sayUnder(readOnly(join(place.home.path, "workspace")), place);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "`a.txt` lies on a disk that is read-only.\n" });
  });
});

describe.skipIf(!canBeNobody)("a file that is closed to the program", { timeout: 60_000 }, () => {
  const reading: Record<string, object> = {
    file: { name: "read_file", input: { path: "a.txt" } },
    USER: { name: "read_core_file", input: { name: "USER" } },
    note: { name: "write_memory_file", input: { section: "Notes", text: "tea" } },
  };

  /** What comes of the asking for each of the three, where this file is closed. */
  async function asked(closed: string, words = Object.keys(reading)) {
    let wanted = "note";
    await using model = await startWireModel("ollama", ({ calls: [call] }) =>
      call ? answerOf(call) : { calls: [reading[wanted] as never] },
    );
    using home = temporaryHome();
    home.write("data/config.json", model.config);
    home.write("workspace/a.txt", "content");
    await using before = program({ home: home.path });
    await before.say("note");
    execFileSync("chown", ["-R", "65534:65534", home.path]);
    chmodSync(join(home.path, closed), 0);
    await using memtrix = program({ home: home.path, prefix: asNobody });
    const results: string[] = [];
    for (const word of words) {
      wanted = word;
      const { stdout, stderr } = await memtrix.say(word);
      expect(stderr).not.toMatch(/^ +at /m);
      results.push(/closed to this program|cannot be opened|cannot be read/.test(stdout + stderr) ? "closed" : "works");
    }
    return results;
  }

  it.each([
    ["workspace/a.txt", ["closed", "works", "works"]],
    ["workspace/USER.md", ["works", "closed", "works"]],
    ["workspace/memory", ["works", "works", "closed"]],
    ["data/vectors.db", ["works", "works", "works"]],
  ])("%s: only what needs it fails", async (closed, results) => {
    expect(await asked(closed)).toEqual(results);
  });

  it.each(["data/memtrix.db", "data/owner.lock", "data/config.json", "workspace"])(
    "%s: without it there is no Memtrix, which says so at the start",
    async (closed) => {
      expect(await asked(closed, ["file"])).toEqual(["closed"]);
    },
  );
});
