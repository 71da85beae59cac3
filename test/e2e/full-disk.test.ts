import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Turn } from "../support/model-server.ts";
import { program } from "../support/program.ts";
import { canMount, mountSmallDisk, type SmallDisk } from "../support/small-disk.ts";
import { readStore } from "../support/store-seen.ts";
import { type TemporaryHome, temporaryHome } from "../support/temporary-home.ts";
import { type Heard, startWireModel } from "../support/wire-model.ts";

const diskIsFull = /^The disk (is full: make room|cannot be written \(.*\): it may be full)/m;

if (!canMount) console.warn("Left out: full disks, since this system does not let us mount one (unshare -rm).");

describe.skipIf(!canMount)("a full disk", () => {
  it("under the data: says so in one sentence at the start, and works again when there is room", async () => {
    await using place = await start("data", () => "Here I am.");
    const { disk, memtrix, model } = place;
    expect(await memtrix.say("Hello?")).toMatchObject({ code: 0 });

    disk.fill();
    const refused = await memtrix.say("Are you there?");
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(refused.stderr).toMatch(diskIsFull);
    expect(model.heard).toHaveLength(1);

    disk.empty();
    expect(await memtrix.say("And now?")).toMatchObject({ code: 0, stdout: "Here I am.\n" });
    expect(place.store().log.map(({ text }) => text)).toEqual(["Hello?", "Here I am.", "And now?", "Here I am."]);
  });

  it("under the data, while the model answers: says so once, keeps the message, and answers it when there is room", async () => {
    await using place = await start("data", (_, index) => {
      if (index === 1) place.disk.fill();
      return `Answer ${index}.`;
    });
    const { disk, memtrix, model } = place;
    await memtrix.say("First.");

    const failed = await memtrix.say("Second.");
    expect(failed).toMatchObject({ code: 1, stdout: "" });
    expect(failed.stderr.match(/The disk/g)).toHaveLength(1);
    expect(failed.stderr).toMatch(diskIsFull);
    expect(place.store().inbox).toMatchObject([{ done: true }, { text: "Second.", done: false }]);

    disk.empty();
    expect(await memtrix.chat([])).toMatchObject({ code: 0, stdout: "Answer 2.\n" });
    const { log, outbox, integrity } = place.store();
    expect(integrity).toBe("ok");
    expect(log.map(({ text }) => text)).toEqual(["First.", "Answer 0.", "Second.", "Answer 2."]);
    expect(outbox).toHaveLength(2);
    expect(model.heard).toHaveLength(3);
  });

  it("under the data, at whatever moment: nothing that was kept is lost", async () => {
    await using place = await start("data", () => "Here I am.");
    const { disk, memtrix } = place;
    await memtrix.say("Hello?");
    const kept = new Set(["Hello?"]);
    for (const leaveKilobytes of [4, 12, 24, 36, 44, 52, 60, 76, 92]) {
      disk.fill(leaveKilobytes * 1024);
      const text = `With ${leaveKilobytes} kB.`;
      const { code, stdout, stderr } = await memtrix.say(text);
      if (code === 0) expect(stdout).toBe("Here I am.\n");
      else expect(stderr).toMatch(/The disk (is full|cannot be written)/);
      disk.empty();
      if (place.store().inbox.some((message) => message.text === text)) kept.add(text);
    }
    expect(await memtrix.chat([])).toMatchObject({ code: 0 });

    const { log, inbox, outbox, integrity } = place.store();
    const said = log.filter(({ role }) => role === "user").map(({ text }) => text);
    expect(integrity).toBe("ok");
    expect(said.toSorted()).toEqual([...kept].toSorted());
    expect(inbox.every(({ done }) => done)).toBe(true);
    expect(outbox.every(({ sent }) => sent)).toBe(true);
    expect(outbox.flatMap(({ answers }) => answers).toSorted()).toEqual(inbox.map(({ id }) => id).toSorted());
  }, 60_000);

  it("under the workspace: the tool says so to the model, and the old file stays whole", async () => {
    await using place = await start("workspace", ({ calls: [call] }) =>
      call
        ? call.output
        : { calls: [{ name: "create_file", input: { path: "big.txt", content: "new ".repeat(2_000) } }] },
    );
    const { disk, memtrix } = place;
    await memtrix.say("Just begin.");
    const file = disk.at(join(memtrix.home, "workspace/big.txt"));
    const before = readFileSync(file, "utf8");

    disk.fill();
    const full = await memtrix.say("Write it again.", "--yes");
    expect(full).toMatchObject({ code: 0, stdout: expect.stringMatching(/disk is full/) });
    expect(readFileSync(file, "utf8")).toBe(before);

    disk.empty();
    const { stdout } = await memtrix.say("And again.", "--yes");
    expect(stdout).toMatch(/^Wrote `big\.txt`/);
  });
});

interface Place extends AsyncDisposable {
  home: TemporaryHome;
  disk: SmallDisk;
  memtrix: ReturnType<typeof program>;
  model: Awaited<ReturnType<typeof startWireModel>>;
  store(): ReturnType<typeof readStore>;
}

/** A program whose `folder` lies on a disk of 1 MB. */
async function start(
  folder: "data" | "workspace",
  answer: (heard: Heard, index: number) => string | Turn,
): Promise<Place> {
  await using stack = new AsyncDisposableStack();
  const model = stack.use(await startWireModel("ollama", answer));
  const home = stack.use(temporaryHome());
  const path = join(home.path, folder);
  mkdirSync(path, { recursive: true });
  const disk = stack.use(await mountSmallDisk(path, 1_000_000));
  mkdirSync(disk.at(join(home.path, "data")), { recursive: true });
  writeFileSync(disk.at(join(home.path, "data/config.json")), JSON.stringify(model.config));
  const memtrix = stack.use(program({ home: home.path, prefix: disk.prefix }));
  const kept = stack.move();
  return {
    ...{ home, disk, memtrix, model },
    store() {
      // SQLite finds the way around a mount: it reads a copy.
      using copy = temporaryHome();
      cpSync(disk.at(join(home.path, "data")), join(copy.path, "data"), { recursive: true });
      return readStore(copy.path);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
