import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { makeBackup } from "../../src/backup/backup.ts";
import { openBackupFile } from "../../src/backup/backup-file.ts";
import { restore } from "../../src/backup/restore.ts";
import { refuseUnfinished } from "../../src/backup/unfinished.ts";
import { ConfigError } from "../../src/errors.ts";
import { takeOwnerLock } from "../../src/store/owner-lock.ts";
import { openStore } from "../../src/store/store.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { filesIn, passphrase, program, sealedBackup, textOf } from "./rig.ts";

/** Guessing is not what is tried here. */
const cost = { N: 2, r: 1, p: 1 };

function lay(home: string, files: Record<string, string>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(home, name, ".."), { recursive: true });
    writeFileSync(join(home, name), content);
  }
}

/** An installation as it is after some days, without Matrix. */
function laidHome(): string {
  const home = temporaryFolder();
  lay(home, {
    ".env": "MEMTRIX_SECRET_TOKEN=abc\n",
    "data/config.json": JSON.stringify({ version: 1 }),
    "data/models/some/model.onnx": "weights",
    "data/vectors.db": "vectors",
    "data/memtrix.log": "log",
    "data/homeserver/homeserver.log": "log",
    "data/homeserver/venv/bin/python": "python",
    "data/homeserver/private.json": "{}",
    "workspace/MEMORY.md": "Ada likes tea.",
    "workspace/memory/2026-11-20.md": "a day",
    "workspace/memory/versions/MEMORY.1.md": "before",
    "workspace/owner": "a file of the owner's",
    "agents/cook/SOUL.md": "I cook.",
  });
  chmodSync(join(home, ".env"), 0o600);
  mkdirSync(join(home, "workspace/empty"));
  return home;
}

const save = (home: string, file: string, options: { force?: boolean; passphrase?: string } = {}) =>
  makeBackup({ home, file, passphrase, program, cost, now: new Date("2026-11-21T10:00:00Z"), ...options });

async function put(file: string, home: string, secret = passphrase) {
  const backup = await openBackupFile(file, program);
  return restore({ home, backup, passphrase: secret, async prepare() {} });
}

/** Each file below a folder with its hash. */
function treeOf(home: string): Record<string, string> {
  const paths = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
  return Object.fromEntries(
    paths
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort()
      .map((path) => [path.slice(home.length + 1), createHash("sha256").update(readFileSync(path)).digest("hex")]),
  );
}

describe("memtrix backup", () => {
  it("saves what makes up the installation, and not what is made anew", async () => {
    const home = laidHome();
    const file = join(temporaryFolder(), "a.backup");
    const { parts } = await save(home, file);
    const files = await filesIn(file);
    expect(Object.keys(files).sort()).toEqual([
      ".env",
      "agents/cook/SOUL.md",
      "data/config.json",
      "data/homeserver/private.json",
      "workspace/MEMORY.md",
      "workspace/memory/2026-11-20.md",
      "workspace/memory/versions/MEMORY.1.md",
      "workspace/owner",
    ]);
    expect(parts.get("workspace")).toEqual({ files: 4, bytes: 46 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(home, "data")).filter((name) => name.startsWith(".backup"))).toEqual([]);
  });

  it("saves the secrets where a link leads to them, and nothing at all where they cannot be had", async () => {
    const home = laidHome();
    const [env, file] = [join(home, ".env"), join(temporaryFolder(), "a.backup")];
    const elsewhere = join(temporaryFolder(), "secrets");
    renameSync(env, elsewhere);
    symlinkSync(elsewhere, env);
    await save(home, file);
    expect(Object.keys(await filesIn(file))).toContain(".env");

    rmSync(env);
    symlinkSync(env, env);
    await expect(save(home, file, { force: true })).rejects.toThrow("ELOOP");
    expect(Object.keys(await filesIn(file))).toContain(".env");
  });

  it("leaves a database's own log out, whoever the account is, and nothing of the workspace", async () => {
    const home = laidHome();
    const devices = "data/matrix/owner_example.org-DEVICE-0123";
    lay(home, {
      [`${devices}/device.json`]: "{}",
      [`${devices}/owner`]: "whose lock it is",
      "data/heartbeat.json": "{}",
      "workspace/server.pid": "notes on process ids",
    });
    const device = new DatabaseSync(join(home, devices, "device.db"));
    device.exec("PRAGMA journal_mode = WAL; CREATE TABLE keys (key); INSERT INTO keys VALUES (1)");
    const file = join(temporaryFolder(), "a.backup");
    expect(existsSync(join(home, devices, "device.db-wal"))).toBe(true);
    await save(home, file);
    device.close();
    const saved = Object.keys(await filesIn(file));
    expect(saved.filter((path) => path.startsWith(devices)).sort()).toEqual([
      `${devices}/device.db`,
      `${devices}/device.json`,
    ]);
    expect(saved).toContain("workspace/server.pid");
    expect(saved).not.toContain("data/heartbeat.json");
  });

  it("never takes the place of a file unless told to", async () => {
    const home = laidHome();
    const file = join(temporaryFolder(), "a.backup");
    writeFileSync(file, "dear to me");
    await expect(save(home, file)).rejects.toThrow(/is there already.*--force/);
    expect(readFileSync(file, "utf8")).toBe("dear to me");
    await save(home, file, { force: true });
    expect(await filesIn(file)).toHaveProperty("data/config.json");
  });

  it("says what no backup can hold: links, and names with a backslash", async () => {
    const home = laidHome();
    symlinkSync("/etc/hostname", join(home, "workspace/link"));
    writeFileSync(join(home, "workspace/a\\b"), "");
    const file = join(temporaryFolder(), "a.backup");
    expect((await save(home, file)).leftOut).toEqual([
      '"workspace/a\\\\b": no backup can hold this name',
      "workspace/link: it is a link or no file at all",
    ]);
  });

  it("does not save itself when it lies in the workspace", async () => {
    const home = laidHome();
    const file = join(home, "workspace/a.backup");
    await save(home, file);
    await save(home, file, { force: true });
    expect(Object.keys(await filesIn(file)).filter((path) => path.includes("a.backup"))).toEqual([]);
  });

  it("where nothing is set up is refused and leaves nothing", async () => {
    const home = temporaryFolder();
    const folder = temporaryFolder();
    await expect(save(home, join(folder, "a.backup"))).rejects.toThrow("There is nothing to save");
    expect(readdirSync(folder)).toEqual([]);
    await expect(save(laidHome(), join(folder, "no/a.backup"))).rejects.toThrow("There is no folder");
  });

  it("takes each database as it is between two transactions, all of them at the same instant", {
    timeout: 60_000,
  }, async () => {
    const home = laidHome();
    mkdirSync(join(home, "data/matrix/device-1"), { recursive: true });
    const places = ["data/memtrix.db", "data/matrix/device-1/device.db", "data/homeserver/homeserver.db"];
    using opened = new DisposableStack();
    const databases = places.map((place) => {
      const database = new DatabaseSync(join(home, place));
      opened.defer(() => database.close());
      database.exec("PRAGMA journal_mode = WAL; CREATE TABLE number (value INTEGER)");
      return database;
    });
    let number = 0;
    // One after the other, each in two halves: a cut may fall between two files, never into a transaction.
    const writing = setInterval(() => {
      number++;
      for (const database of databases)
        database.exec(
          `BEGIN IMMEDIATE; INSERT INTO number VALUES (${number}); INSERT INTO number VALUES (-${number}); COMMIT`,
        );
    }, 1);
    const file = join(temporaryFolder(), "a.backup");
    await save(home, file);
    clearInterval(writing);

    const elsewhere = temporaryFolder();
    await put(file, elsewhere);
    const seen = places.map((place) => {
      using database = new DatabaseSync(join(elsewhere, place));
      expect(existsSync(join(elsewhere, `${place}-wal`))).toBe(false);
      const { sum, most } = database.prepare("SELECT sum(value) AS sum, max(value) AS most FROM number").get() as never;
      expect(sum).toBe(0);
      return most;
    });
    expect(new Set(seen).size).toBe(1);
    expect(seen[0]).toBeGreaterThan(0);
  });

  it("waits for none that writes without end, and holds none up", async () => {
    const home = laidHome();
    using store = openStore(join(home, "data"));
    using _running = takeOwnerLock(join(home, "data"), "memtrix start", new Date());
    const file = join(temporaryFolder(), "a.backup");
    const saving = save(home, file);
    let longestMs = 0;
    let isSaved = false;
    void saving.finally(() => {
      isSaved = true;
    });
    for (let count = 0; !isSaved; count++) {
      const begun = performance.now();
      store.settings.set("main", "count", String(count));
      longestMs = Math.max(longestMs, performance.now() - begun);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await saving;
    expect(longestMs).toBeLessThan(2_000);
  });
});

describe("memtrix restore", () => {
  it("puts back every file with its content, its mode and its time", async () => {
    const home = laidHome();
    const file = join(temporaryFolder(), "a.backup");
    await save(home, file);
    const elsewhere = temporaryFolder();
    await put(file, elsewhere);
    const gone = /^data\/(models|vectors|memtrix\.log|homeserver\/(venv|homeserver\.log)|owner)/;
    const kept = Object.entries(treeOf(home)).filter(([path]) => !gone.test(path));
    expect(Object.entries(treeOf(elsewhere)).filter(([path]) => !gone.test(path))).toEqual(kept);
    expect(statSync(join(elsewhere, ".env")).mode & 0o777).toBe(0o600);
    expect(existsSync(join(elsewhere, "workspace/empty"))).toBe(true);
    const modified = (place: string) => Math.round(statSync(join(place, "workspace/MEMORY.md")).mtimeMs / 10);
    expect(modified(elsewhere)).toBe(modified(home));
  });

  it("puts a workspace that was elsewhere where it usually is", async () => {
    const [home, outside] = [laidHome(), temporaryFolder()];
    lay(outside, { "MEMORY.md": "elsewhere" });
    lay(home, { "data/config.json": JSON.stringify({ version: 1, "workspace-directory": outside }) });
    const file = join(temporaryFolder(), "a.backup");
    await save(home, file);
    const elsewhere = temporaryFolder();
    await put(file, elsewhere);
    expect(textOf(elsewhere, "workspace/MEMORY.md")).toBe("elsewhere");
    expect(JSON.parse(textOf(elsewhere, "data/config.json"))).toEqual({
      version: 1,
      "workspace-directory": "workspace",
    });
  });

  it("touches nothing where something is", async () => {
    const file = join(temporaryFolder(), "a.backup");
    await save(laidHome(), file);
    for (const path of [".env", "data/config.json", "workspace/notes.md", "agents/cook/SOUL.md", "data/matrix/x"]) {
      const home = temporaryFolder();
      lay(home, { [path]: "mine" });
      await expect(put(file, home), path).rejects.toThrow(/There is something in .* already/);
      expect(Object.keys(treeOf(home))).toEqual([path]);
    }
  });

  it("minds neither an empty checkout nor what is no installation", async () => {
    const file = join(temporaryFolder(), "a.backup");
    await save(laidHome(), file);
    const home = temporaryFolder();
    lay(home, { "data/.gitkeep": "", "workspace/.gitkeep": "", "data/models/m.onnx": "x", "package.json": "{}" });
    await put(file, home);
    expect(textOf(home, "data/models/m.onnx")).toBe("x");
    expect(textOf(home, "workspace/MEMORY.md")).toBe("Ada likes tea.");
  });

  it("leaves no trace of a backup that turns out to be wrong", async () => {
    const whole = await sealedBackup({ "data/config.json": "{}", "workspace/a": Buffer.alloc(300_000) });
    const flipped = Buffer.from(whole);
    flipped[whole.length - 5] = (flipped[whole.length - 5] ?? 0) ^ 1;
    const file = join(temporaryFolder(), "a.backup");
    const wrong = { flipped, cut: whole.subarray(0, 200_000), noConfig: await sealedBackup({ "workspace/a": "x" }) };
    for (const [what, bytes] of Object.entries(wrong)) {
      writeFileSync(file, bytes);
      const home = temporaryFolder();
      await expect(put(file, home), what).rejects.toThrow(ConfigError);
      expect(readdirSync(home), what).toEqual([]);
    }
    writeFileSync(file, whole);
    const home = join(temporaryFolder(), "not-there-yet");
    await expect(put(file, home, "wrong passphrase")).rejects.toThrow("The passphrase does not open this backup");
    expect(existsSync(home)).toBe(false);
  });

  it("that was broken off keeps the program from starting, and begins anew", async () => {
    const file = join(temporaryFolder(), "a.backup");
    await save(laidHome(), file);
    const home = temporaryFolder();
    // As a killed one leaves it: the list is written, a part of it is in its place.
    lay(home, {
      "data/.restore/placed.json": JSON.stringify([join(home, "workspace/half.md"), join(home, "data/config.json")]),
      "data/.restore/data/memtrix.db": "half",
      "agents/.restore/agents/x": "half",
      "workspace/half.md": "half",
    });
    expect(() => refuseUnfinished(home)).toThrow(/A restore was broken off.*run memtrix restore FILE again/);
    await put(file, home);
    expect(() => refuseUnfinished(home)).not.toThrow();
    expect(existsSync(join(home, "workspace/half.md"))).toBe(false);
    expect(textOf(home, "workspace/MEMORY.md")).toBe("Ada likes tea.");
    expect(readdirSync(join(home, "agents"))).toEqual(["cook"]);
  });
});
