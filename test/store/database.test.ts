import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { openDatabase } from "../../src/store/database.ts";
import { migrations } from "../../src/store/migrations.ts";
import { openStore } from "../../src/store/store.ts";
import { temporaryFolder } from "../support/temporary.ts";

const fileIn = (folder: string) => join(folder, "memtrix.db");
const hashOf = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

describe("the database", () => {
  it("is one file that only its owner may read, and keeps what was written for the next start", () => {
    const folder = join(temporaryFolder(), "data");
    {
      using store = openStore(folder);
      store.settings.set("main", "verbose", "on");
    }
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(fileIn(folder)).mode & 0o777).toBe(0o600);
    using again = openStore(folder);
    expect(again.settings.get("main", "verbose")).toBe("on");
  });

  it("has every commit on the disk before it returns", () => {
    using database = openDatabase(temporaryFolder());
    const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    expect(pragma("journal_mode")).toBe("wal");
    expect(pragma("synchronous")).toBe(2); // FULL
    expect(pragma("foreign_keys")).toBe(1);
    expect(pragma("user_version")).toBe(migrations.length);
  });

  it("of a newer version is refused, and left as it is to the byte", () => {
    const folder = temporaryFolder();
    const path = fileIn(folder);
    openDatabase(folder).close();
    const newer = new DatabaseSync(path);
    newer.exec(`PRAGMA user_version = ${migrations.length + 3}; PRAGMA journal_mode = DELETE`);
    newer.close();
    const before = hashOf(path);

    expect(() => openStore(folder)).toThrow(ConfigError);
    expect(() => openStore(folder)).toThrow(
      new RegExp(
        `newer Memtrix .*version is ${migrations.length + 3}.*memtrix\\.db\\.before-v${migrations.length + 1} `,
      ),
    );
    expect(hashOf(path)).toBe(before);
    expect(readdirSync(folder)).toEqual(["memtrix.db"]);
  });

  it.each([
    [
      "is no database",
      (path: string) => writeFileSync(path, "these are no tables, but a letter to the owner".repeat(99)),
    ],
    ["was cut off", (path: string) => truncateSync(path, 4096)],
    ["was overwritten at its head", (path: string) => overwrite(path, 100, 4000)],
  ])("that %s is told as damaged, and left as it is", (_what, damage) => {
    const folder = temporaryFolder();
    openDatabase(folder).close();
    damage(fileIn(folder));
    const before = hashOf(fileIn(folder));

    expect(() => openStore(folder)).toThrow(ConfigError);
    expect(() => openStore(folder)).toThrow(/memtrix\.db is damaged: put back a copy .* Nothing was changed/);
    expect(hashOf(fileIn(folder))).toBe(before);
  });

  it("that is still empty, since the first start was killed, is begun anew", () => {
    const folder = temporaryFolder();
    writeFileSync(fileIn(folder), "");
    using store = openStore(folder);
    expect(store.inbox.open("cli")).toEqual([]);
  });
});

describe("a database of an older version", () => {
  const old = ["CREATE TABLE note (text TEXT)"];
  const added = "ALTER TABLE note ADD COLUMN read INTEGER NOT NULL DEFAULT 0";

  function folderWithNote(): string {
    const folder = temporaryFolder();
    using database = openDatabase(folder, old);
    database.exec("INSERT INTO note VALUES ('keep me')");
    return folder;
  }

  it("gets the steps that it lacks, and a copy of it as it was is kept beside it", () => {
    const folder = folderWithNote();
    using database = openDatabase(folder, [...old, added]);
    expect(database.prepare("SELECT * FROM note").all()).toEqual([{ text: "keep me", read: 0 }]);

    const copy = `${fileIn(folder)}.before-v2`;
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    using before = new DatabaseSync(copy, { readOnly: true });
    expect(before.prepare("SELECT * FROM note").all()).toEqual([{ text: "keep me" }]);
    expect(before.prepare("PRAGMA user_version").get()).toEqual({ user_version: 1 });
  });

  it("stays as it was when a step fails, and takes the next start's steps", () => {
    const folder = folderWithNote();
    expect(() => openDatabase(folder, [...old, added, "THIS IS NO SQL"])).toThrow(/syntax error/);
    {
      using unchanged = openDatabase(folder, old);
      expect(unchanged.prepare("SELECT * FROM note").all()).toEqual([{ text: "keep me" }]);
    }
    using mended = openDatabase(folder, [...old, added]);
    expect(mended.prepare("SELECT read FROM note").all()).toEqual([{ read: 0 }]);
  });

  it("can be gone back to by the copy that the refusal names", () => {
    const folder = folderWithNote();
    openDatabase(folder, [...old, added, "CREATE TABLE more (text TEXT)"]).close();
    let refusal = "";
    try {
      openDatabase(folder, old);
    } catch (error) {
      refusal = String(error);
    }
    const named = /memtrix\.db\.before-v\d+/.exec(refusal)?.[0] ?? "";
    expect(existsSync(join(folder, named))).toBe(true);
  });

  it("of this version already is not copied", () => {
    const folder = folderWithNote();
    openDatabase(folder, old).close();
    expect(readdirSync(folder)).toEqual(["memtrix.db"]);
  });
});

function overwrite(path: string, from: number, to: number): void {
  const bytes = readFileSync(path);
  bytes.fill(0xab, from, to);
  writeFileSync(path, bytes);
}
