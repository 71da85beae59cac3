import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { deserialize, serialize } from "node:v8";
import { crc32 } from "node:zlib";
import type { DeviceDatabase } from "./device-database.ts";
import {
  type Change,
  type Database,
  type Factory,
  forgetDatabases,
  installIndexedDb,
  type Key,
  recordTransactions,
  type StoreLayout,
} from "./indexeddb.ts";
import { keyOfText, textOfKey } from "./key-text.ts";
import type { PatientWrites } from "./patient-writes.ts";

/** The IndexedDB of the SDK's crypto, each transaction of which is in SQLite before the SDK hears that it is complete. */
export interface CryptoStore extends AsyncDisposable {
  /** What the SDK is to begin the names of its databases with. */
  prefix: string;
  /** Nothing was ever stored in it. */
  isNew: boolean;
}

export interface CryptoStoreOptions {
  device: DeviceDatabase;
  /** A transaction that will never be written is undone. */
  writes: Pick<PatientWrites, "write">;
}

interface Layout {
  version: number;
  stores: StoreLayout[];
}

/**
 * Lays out in memory what SQLite holds, and from then on writes each change through. When it is disposed of, what is
 * under way is written first, and what is in memory is let go of.
 * @throws ConfigError when a stored record is damaged.
 */
export async function openCryptoStore({ device, writes }: CryptoStoreOptions): Promise<CryptoStore> {
  const factory = installIndexedDb();
  const rows = createRows(device);
  // The process has one IndexedDB for all accounts.
  const prefix = randomUUID();
  const layouts = rows.layouts();
  for (const { database, layout } of layouts) {
    await layOut(factory, `${prefix}::${database}`, layout, rows.records(database));
  }

  const recording = recordTransactions(prefix, (name, changes) =>
    writes.write(() => {
      for (const change of changes) rows.write(name.slice(prefix.length + 2), change);
    }),
  );
  return {
    ...{ prefix, isNew: layouts.length === 0 },
    async [Symbol.asyncDispose]() {
      await recording[Symbol.asyncDispose]();
      forgetDatabases(prefix);
    },
  };
}

interface StoredRecord {
  store: string;
  key: string;
  value: Uint8Array;
  checksum: number;
}

interface Row {
  store: string;
  key: Key;
  value: unknown;
}

async function layOut(factory: Factory, name: string, layout: Layout, rows: readonly Row[]): Promise<void> {
  const request = factory.open(name, layout.version);
  request.addEventListener("upgradeneeded", () => {
    const stores = new Map(createStores(request.result, layout).map((store) => [store.name, store]));
    for (const { store: name, key, value } of rows) {
      const store = stores.get(name);
      if (store?.keyPath === null) store.put(value, key);
      else store?.put(value);
    }
  });
  await finished(request);
  request.result.close();
}

function createStores(database: Database, { stores }: Layout) {
  return stores.map(({ name, keyPath, indexes }) => {
    const store = database.createObjectStore(name, { keyPath });
    for (const index of indexes) store.createIndex(index.name, index.keyPath, index);
    return store;
  });
}

function createRows(device: DeviceDatabase) {
  const { database: sqlite } = device;
  const putLayout = sqlite.prepare("INSERT OR REPLACE INTO layout (database, layout, checksum) VALUES (?, ?, ?)");
  const allLayouts = sqlite.prepare("SELECT database, layout, checksum FROM layout ORDER BY database");
  const put = sqlite.prepare(
    "INSERT OR REPLACE INTO record (database, store, key, value, checksum) VALUES (?, ?, ?, ?, ?)",
  );
  const remove = sqlite.prepare("DELETE FROM record WHERE database = ? AND store = ? AND key = ?");
  const clear = sqlite.prepare("DELETE FROM record WHERE database = ? AND store = ?");
  const all = sqlite.prepare("SELECT store, key, value, checksum FROM record WHERE database = ?");

  return {
    layouts(): { database: string; layout: Layout }[] {
      return allLayouts.all().map((row) => {
        const { database, layout, checksum } = row as { database: string; layout: string; checksum: number };
        if (checksumOf(database, layout) !== checksum) throw device.damaged("the layout of its tables has changed");
        return { database, layout: JSON.parse(layout) };
      });
    },
    records(database: string): Row[] {
      return all.all(database).map((row) => {
        const { store, key, value, checksum } = row as unknown as StoredRecord;
        if (checksumOf(database, store, key, value) !== checksum)
          throw device.damaged(`an entry of ${store} has changed`);
        return { store, key: keyOfText(key), value: deserialize(value) };
      });
    },
    write(database: string, change: Change): void {
      if (change.kind === "put") {
        const key = textOfKey(change.key);
        const value = serialize(change.value);
        put.run(database, change.store, key, value, checksumOf(database, change.store, key, value));
      } else if (change.kind === "delete") {
        remove.run(database, change.store, textOfKey(change.key));
      } else if (change.kind === "layout") {
        const layout = JSON.stringify({ version: change.version, stores: change.stores });
        putLayout.run(database, layout, checksumOf(database, layout));
      } else {
        clear.run(database, change.store);
      }
    },
  };
}

/** What in a device's database is not as it was written, in a few words; nothing is changed. */
export function changedEntryIn(database: DatabaseSync): string | undefined {
  for (const row of database.prepare("SELECT database, layout, checksum FROM layout").iterate()) {
    const { database: name, layout, checksum } = row as { database: string; layout: string; checksum: number };
    if (checksumOf(name, layout) !== checksum) return "the layout of its tables has changed";
  }
  for (const row of database.prepare("SELECT database, store, key, value, checksum FROM record").iterate()) {
    const { database: name, store, key, value, checksum } = row as unknown as StoredRecord & { database: string };
    if (checksumOf(name, store, key, value) !== checksum) return `an entry of ${store} has changed`;
  }
  return undefined;
}

/** SQLite sees damage to its own structure only; this sees damage to what we gave it. */
function checksumOf(...parts: (string | Uint8Array)[]): number {
  return parts.reduce((sum, part) => crc32(part, crc32("\0", sum)), 0);
}

function finished(request: ReturnType<Factory["open"]>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  request.addEventListener("success", () => resolve());
  request.addEventListener("error", () => reject(request.error));
  return promise;
}
