// biome-ignore-all lint/suspicious/noExplicitAny: the project is compiled without the types of a browser.

import { fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { openCryptoStore } from "../../../src/channel/matrix/crypto-store.ts";
import { openDeviceDatabase } from "../../../src/channel/matrix/device-database.ts";
import { createPatientWrites } from "../../../src/channel/matrix/patient-writes.ts";
import { ConfigError } from "../../../src/errors.ts";
import { asPromise, contentOf, openIndexedDb, transact } from "../../support/indexed-db.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const user = "@memtrix:example.org";

async function openStore(
  directory: string,
  onFailure: (error: unknown) => void = () => {},
  onWaiting: (problem: string | undefined) => void = () => {},
) {
  const device = openDeviceDatabase(directory, user, "DEVICE");
  onTestFinished(() => close());
  let isOpen = true;
  const close = (): void => {
    if (isOpen) device[Symbol.dispose]();
    isOpen = false;
  };
  try {
    const writes = createPatientWrites({ device, onWaiting, onFailure });
    const store = await openCryptoStore({ device, writes });
    return { ...store, device, writes, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** A database with two tables, one of them with keys of its own and an index. */
function openKeys(prefix: string): Promise<any> {
  return openIndexedDb(`${prefix}::keys`, 3, (database) => {
    database.createObjectStore("plain");
    database.createObjectStore("named", { keyPath: "id" }).createIndex("by room", "room", { unique: false });
  });
}

function pathOf(directory: string): string {
  return join(directory, readdirSync(directory)[0] ?? "", "device.db");
}

describe("the store of a device's keys", () => {
  it("holds after a restart what it held before, whatever was done to it", async () => {
    const directory = temporaryFolder();
    const first = await openStore(directory);
    expect(first.isNew).toBe(true);
    const keys = await openKeys(first.prefix);
    await transact(keys, ["plain", "named"], (transaction) => {
      const plain = transaction.objectStore("plain");
      for (const number of [1, 2, 3, 4, 5, 6]) plain.put({ number, bytes: new Uint8Array([number, 255]) }, number);
      plain.put("text", ["a", "list", 7]);
      plain.put("bytes", new Uint8Array([1, 2, 3]));
      plain.put(new Map([["a", new Date(5)]]), new Date(99));
      plain.add(undefined, "nothing");
      for (const id of ["x", "y", "z"]) transaction.objectStore("named").put({ id, room: "!r" });
    });
    await transact(keys, ["plain"], (transaction) => {
      const plain = transaction.objectStore("plain");
      plain.delete(1);
      plain.delete((globalThis as any).IDBKeyRange.bound(2, 3));
      plain.openCursor(5).onsuccess = ({ target }: any) => target.result?.update("by cursor");
      plain.openCursor(6).onsuccess = ({ target }: any) => target.result?.delete();
    });
    await transact(keys, ["named"], (transaction) => {
      const index = transaction.objectStore("named").index("by room");
      index.openCursor("!r").onsuccess = ({ target }: any) => target.result?.delete();
    });
    const before = [await contentOf(keys, "plain"), await contentOf(keys, "named")];
    expect(before[0]?.map(([key]) => key)).toEqual([
      4,
      5,
      new Date(99),
      "nothing",
      expect.anything(),
      ["a", "list", 7],
    ]);
    first.close();

    const second = await openStore(directory);
    expect(second.isNew).toBe(false);
    const again = await openKeys(second.prefix);
    expect([await contentOf(again, "plain"), await contentOf(again, "named")]).toEqual(before);
    const named = again.transaction(["named"], "readonly").objectStore("named");
    expect(await asPromise(named.index("by room").getAll("!r"))).toEqual(before[1]?.map(([, value]) => value));
  });

  it("keeps what an upgrade of a database makes of it", async () => {
    const directory = temporaryFolder();
    const first = await openStore(directory);
    const old = await openKeys(first.prefix);
    await transact(old, ["plain", "named"], (transaction) => {
      transaction.objectStore("plain").put("gone", 1);
      transaction.objectStore("named").put({ id: "stays", room: "!r" });
    });
    old.close();
    await openIndexedDb(`${first.prefix}::keys`, 4, (database) => {
      database.deleteObjectStore("plain");
      database.createObjectStore("plain").put("new", 2);
    });
    first.close();

    const second = await openStore(directory);
    const keys = await openIndexedDb(`${second.prefix}::keys`, 4);
    expect(await contentOf(keys, "plain")).toEqual([[2, "new"]]);
    expect(await contentOf(keys, "named")).toEqual([["stays", { id: "stays", room: "!r" }]]);
  });

  it("has nothing of a transaction that was aborted", async () => {
    const directory = temporaryFolder();
    const first = await openStore(directory);
    const keys = await openKeys(first.prefix);
    await transact(keys, ["plain"], (transaction) => transaction.objectStore("plain").put("kept", 1));
    const aborted = transact(keys, ["plain"], (transaction) => {
      transaction.objectStore("plain").clear();
      transaction.objectStore("plain").put("lost", 2).onsuccess = () => transaction.abort();
    });
    await expect(aborted).rejects.toThrow();
    first.close();

    const second = await openStore(directory);
    expect(await contentOf(await openKeys(second.prefix), "plain")).toEqual([[1, "kept"]]);
  });

  it("tells whoever made a transaction that cannot be written, and undoes it in memory", async () => {
    const directory = temporaryFolder();
    const failures: unknown[] = [];
    const store = await openStore(directory, (error) => failures.push(error));
    const keys = await openKeys(store.prefix);
    await transact(keys, ["plain"], (transaction) => transaction.objectStore("plain").put("kept", 1));
    store.device.database.exec(
      "CREATE TRIGGER full BEFORE INSERT ON record BEGIN SELECT RAISE(ABORT, 'disk full'); END",
    );

    const failed = transact(keys, ["plain"], (transaction) => {
      transaction.objectStore("plain").delete(1);
      transaction.objectStore("plain").put("never", 2);
    });
    await expect(failed).rejects.toThrow();
    expect(failures).toHaveLength(1);
    expect(await contentOf(keys, "plain")).toEqual([[1, "kept"]]);

    // What the crypto has in memory may be ahead now: it goes on from the disk, or not at all.
    store.device.database.exec("DROP TRIGGER full");
    const later = transact(keys, ["plain"], (transaction) => transaction.objectStore("plain").put("later", 3));
    await expect(later).rejects.toThrow();
    expect(failures).toHaveLength(1);
    store.close();
    const second = await openStore(directory);
    expect(await contentOf(await openKeys(second.prefix), "plain")).toEqual([[1, "kept"]]);
  });

  describe("while the disk is full", () => {
    /** A disk that takes no more pages than are in use. */
    const fill = (database: DatabaseSync): void => database.exec("PRAGMA max_page_count = 1");
    const makeRoom = (database: DatabaseSync): void => database.exec("PRAGMA max_page_count = 1000000");
    const large = "x".repeat(20_000);

    async function fullStore() {
      const directory = temporaryFolder();
      const [problems, failures] = [[] as (string | undefined)[], [] as unknown[]];
      const waiting = Promise.withResolvers<void>();
      const store = await openStore(
        directory,
        (error) => failures.push(error),
        (problem) => {
          problems.push(problem);
          waiting.resolve();
        },
      );
      const keys = await openKeys(store.prefix);
      fill(store.device.database);
      const told: string[] = [];
      const put = (text: string) =>
        transact(keys, ["plain"], (transaction) => transaction.objectStore("plain").put(large, text)).then(
          () => void told.push(text),
        );
      return { ...store, directory, keys, problems, failures, told, put, isWaitingNow: waiting.promise };
    }

    it("tells nobody that a transaction is complete, and goes on in order when there is room", async () => {
      const { device, put, told, problems, failures, isWaitingNow, writes, directory, close } = await fullStore();
      const both = [put("one"), put("two")];
      await isWaitingNow;
      expect([told, writes.isWaiting()]).toEqual([[], true]);
      expect(problems).toEqual([expect.stringMatching(/^The disk is full/)]);

      makeRoom(device.database);
      await Promise.all(both);
      expect([told, problems.length, problems[1], failures]).toEqual([["one", "two"], 2, undefined, []]);
      await put("three");
      close();
      const second = await openStore(directory);
      const content = await contentOf(await openKeys(second.prefix), "plain");
      expect(content.map(([key]) => key)).toEqual(["one", "three", "two"]);
    });

    it("undoes what waits when the program ends, and tells whoever made it", async () => {
      const { put, failures, isWaitingNow, writes, keys, ...store } = await fullStore();
      const both = Promise.allSettled([put("one"), put("two")]);
      await isWaitingNow;
      writes.stopWaiting();
      expect((await both).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
      expect(failures).toHaveLength(1);
      expect(await contentOf(keys, "plain")).toEqual([]);
      await store[Symbol.asyncDispose]();
    });
  });

  it("is let go of in memory when it is closed, also where a connection to it was left open", async () => {
    const { indexedDB } = globalThis as any;
    const store = await openStore(temporaryFolder());
    await openKeys(store.prefix);
    const ours = async () => (await indexedDB.databases()).filter(({ name }: any) => name.startsWith(store.prefix));
    expect(await ours()).toHaveLength(1);
    await store[Symbol.asyncDispose]();
    expect(await ours()).toEqual([]);
  });

  it("is apart for each user and device", () => {
    const directory = temporaryFolder();
    for (const [one, device] of [
      ["@a:b", "D"],
      ["@a:b", "d"],
      ["@a/../b:c", "D"],
      ["@a_.._b:c", "D"],
      [`@${"x".repeat(240)}:c`, "D"],
    ] as const) {
      using _open = openDeviceDatabase(directory, one, device);
    }
    expect(new Set(readdirSync(directory).map((name) => name.toLowerCase())).size).toBe(5);
  });

  it("is refused to a second process while the first runs, and free when that was killed", async () => {
    const directory = temporaryFolder();
    const holder = fork(join(import.meta.dirname, "../../support/hold-device.ts"), [directory, user, "DEVICE"]);
    onTestFinished(() => void holder.kill("SIGKILL"));
    await once(holder, "message");
    await expect(openStore(directory)).rejects.toThrow(/Memtrix is running already \(the Matrix account @memtrix/);
    holder.kill("SIGKILL");
    await once(holder, "exit");
    (await openStore(directory)).close();
  });

  it("with a flipped byte ends the start with the way out, or has lost nothing", { timeout: 60_000 }, async () => {
    const directory = temporaryFolder();
    const store = await openStore(directory);
    const keys = await openKeys(store.prefix);
    await transact(keys, ["plain"], (transaction) => {
      for (let number = 0; number < 100; number += 1) {
        transaction.objectStore("plain").put({ secret: `${number}`.repeat(50) }, number);
      }
    });
    const content = await contentOf(keys, "plain");
    store.close();
    const path = pathOf(directory);
    const whole = readFileSync(path);

    let refused = 0;
    for (let place = 16; place < whole.length; place += 197) {
      const flipped = Buffer.from(whole);
      flipped[place] = (flipped[place] ?? 0) ^ 0x20;
      writeFileSync(path, flipped);
      try {
        const again = await openStore(directory);
        expect(again.isNew).toBe(false);
        expect(await contentOf(await openKeys(again.prefix), "plain")).toEqual(content);
        again.close();
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
        expect((error as Error).message).toMatch(/backup|newer Memtrix/);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(20);

    writeFileSync(path, whole);
    const healed = await openStore(directory);
    expect(await contentOf(await openKeys(healed.prefix), "plain")).toEqual(content);
  });

  it("leaves a damaged file as it is", async () => {
    const directory = temporaryFolder();
    const store = await openStore(directory);
    await openKeys(store.prefix);
    store.close();
    const path = pathOf(directory);
    const database = new DatabaseSync(path);
    database.exec("UPDATE layout SET layout = replace(layout, 'plain', 'blain')");
    database.close();
    const damaged = readFileSync(path);
    await expect(openStore(directory)).rejects.toThrow(/are damaged.*memtrix onboard --relogin --new-device/);
    expect(readFileSync(path).equals(damaged)).toBe(true);
  });
});
