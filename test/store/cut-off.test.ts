import { copyFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { openStore } from "../../src/store/store.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { temporaryFolder } from "../support/temporary.ts";

const message = (index: number) => ({
  ...{ channel: "cli", agent: "main", conversation: "here", sender: "ada", origin: "owner" as const },
  ...{ event: String(index), text: `message ${index}`, at: new Date("2026-11-20T12:00:00Z") },
});

/** The files of a database that its program did not close, with so many messages in them. */
function leftOpen(messages: number): { folder: string; database: Buffer; recent: Buffer } {
  const folder = temporaryFolder();
  using store = openStore(folder);
  for (let index = 0; index < messages; index++) store.inbox.add(message(index));
  const [database, recent] = ["memtrix.db", "memtrix.db-wal"].map((name) => readFileSync(join(folder, name)));
  return { folder: temporaryFolder(), database: database as Buffer, recent: recent as Buffer };
}

it("what was written last may be cut off anywhere: all before it is there, and the next goes behind it", {
  timeout: 60_000,
}, () => {
  const { folder, database, recent } = leftOpen(12);
  const path = join(folder, "memtrix.db");
  let most = 0;
  for (let length = recent.length; length >= 0; length -= 7_001) {
    writeFileSync(path, database);
    writeFileSync(`${path}-wal`, recent.subarray(0, length));
    using store = openStore(folder);
    const texts = store.inbox.open("cli").map(({ text }) => text);
    expect(texts).toEqual(Array.from({ length: texts.length }, (_, index) => `message ${index}`));
    most = Math.max(most, texts.length);
    expect(store.inbox.add(message(100))).toBeDefined();
    expect(store.inbox.open("cli")).toHaveLength(texts.length + 1);
  }
  expect(most).toBe(12);
});

it("a file that is cut off, or has other bytes in it, ends in a sentence or is read: never in a crash", {
  timeout: 60_000,
}, () => {
  const { folder, database, recent } = leftOpen(12);
  const path = join(folder, "memtrix.db");
  writeFileSync(path, database);
  writeFileSync(`${path}-wal`, recent);
  openStore(folder)[Symbol.dispose]();
  const whole = join(folder, "whole");
  copyFileSync(path, whole);
  const { length } = readFileSync(whole);
  const random = seededRandom(7);
  const outcomes = { refused: 0, read: 0, failed: 0 };

  for (let round = 0; round < 150; round++) {
    copyFileSync(whole, path);
    writeFileSync(`${path}-wal`, "");
    const bytes = readFileSync(path);
    const at = Math.floor(random() * length);
    if (round % 3 === 0) truncateSync(path, at);
    else {
      bytes.fill(round % 3 === 1 ? 0 : Math.floor(random() * 256), at, at + Math.ceil(random() * 600));
      writeFileSync(path, bytes);
    }
    try {
      using store = openStore(folder);
      try {
        store.inbox.open("cli");
        outcomes.read++;
      } catch (error) {
        // Where only the rows of one table are hurt it shows when they are read: as an error of the database.
        expect(error).toMatchObject({ code: "ERR_SQLITE_ERROR" });
        outcomes.failed++;
      }
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      outcomes.refused++;
    }
  }
  expect(outcomes.refused).toBeGreaterThan(25);
});
