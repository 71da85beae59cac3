import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { program } from "../support/program.ts";
import { type TemporaryHome, temporaryHome } from "../support/temporary-home.ts";

/** A home whose agent is a rehearsal: no server is needed. */
function rehearsalHome(): TemporaryHome {
  const home = temporaryHome();
  home.write("data/config.json", {
    version: 1,
    "main-agent": { name: "Memtrix", model: "rehearsal" },
    timezone: "UTC",
    providers: { rehearsal: { type: "rehearsal" } },
    models: { rehearsal: { provider: "rehearsal", model: "rehearsal" } },
  });
  return home;
}

describe("a second Memtrix over the same data", () => {
  it("says in one sentence who holds it, and changes nothing", async () => {
    using home = rehearsalHome();
    await using memtrix = program({ home: home.path });
    const first = memtrix.start(["chat"]);
    first.input.write("Hello.\n");
    await first.said("stdout", "rehearsal");

    const second = await memtrix.say("And me?");
    expect(second).toMatchObject({ code: 1, stdout: "" });
    expect(second.stderr).toMatch(
      new RegExp(
        `^Memtrix is running already \\(memtrix chat, process ${first.pid}, since \\d{4}-[^)]*\\): use it there, or end it first\\.\\n$`,
      ),
    );

    first.input.write("Still there?\n");
    first.input.end();
    expect(await first.ended).toMatchObject({ code: 0 });
  });

  it("starts as soon as the first has been killed", async () => {
    using home = rehearsalHome();
    await using memtrix = program({ home: home.path });
    const first = memtrix.start(["chat"]);
    first.input.write("Hello.\n");
    await first.said("stdout", "rehearsal");
    first.kill("SIGKILL");
    await first.ended;
    expect(await memtrix.say("And me?")).toMatchObject({ code: 0 });
  });

  it("leaves exactly one of two that start at the same moment", async () => {
    using home = rehearsalHome();
    await using memtrix = program({ home: home.path });
    const both = [memtrix.start(["chat"]), memtrix.start(["chat"])];
    const loser = await Promise.race(both.map(async (one) => ({ one, ended: await one.ended })));
    expect(loser.ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Memtrix is running already \(.*\n$/),
    });
    const winner = both.find((one) => one !== loser.one);
    winner?.input.end("Hello.\n");
    expect(await winner?.ended).toMatchObject({ code: 0, stdout: expect.stringContaining("rehearsal") });
  });
});

describe("data of another version", () => {
  it.each([
    ["that was closed", false],
    ["that was killed, with its last changes in the write-ahead log", true],
  ])("is refused untouched when it is newer: a program %s", async (_, killed) => {
    using home = rehearsalHome();
    using other = temporaryHome();
    await using memtrix = program({ home: home.path });
    await memtrix.say("Hello.");
    {
      using database = new DatabaseSync(join(home.path, "data/memtrix.db"));
      database.exec("PRAGMA user_version = 99");
      if (killed) cpSync(home.path, other.path, { recursive: true });
    }
    if (!killed) cpSync(home.path, other.path, { recursive: true });
    const before = hashes(other.path);
    expect("memtrix.db-wal" in before).toBe(killed);

    await using newer = program({ home: other.path });
    const refused = await newer.say("And now?");
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(/^memtrix\.db was written by a newer Memtrix .*99.*\n$/);
    expect(hashes(other.path)).toMatchObject(before);
  });

  it("is refused untouched when it is no database at all", async () => {
    using home = rehearsalHome();
    home.write("data/memtrix.db", "this is a letter, not a database. ".repeat(200));
    await using memtrix = program({ home: home.path });
    const before = hashes(home.path);

    const refused = await memtrix.say("Hello.");
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(/^memtrix\.db is damaged: .*\n$/);
    expect(hashes(home.path)).toEqual(before);
  });
});

/** SHA-256 of each file that holds data (`-shm` holds none: it is an index that readers make). */
function hashes(home: string): Record<string, string> {
  const folder = join(home, "data");
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  const kept = files.map(({ name }) => name).filter((name) => !/^owner|\.log$|-shm$/.test(name));
  return Object.fromEntries(
    kept.map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(join(folder, name)))
        .digest("hex"),
    ]),
  );
}
