import * as fake from "fake-indexeddb";

/**
 * The process's IndexedDB, which the Matrix SDK's crypto finds as a global, and what each transaction changed in it.
 * The databases themselves are in memory; `recordTransactions` is what makes them durable.
 */

/** One change of a transaction, in the order in which they were made. */
export type Change =
  | { kind: "put"; store: string; key: Key; value: unknown }
  | { kind: "delete"; store: string; key: Key }
  | { kind: "clear" | "drop"; store: string }
  | { kind: "layout"; version: number; stores: StoreLayout[] };

export type Key = string | number | Date | ArrayBuffer | ArrayBufferView | Key[];

/** How an object store is laid out, which only an upgrade of its database changes. */
export interface StoreLayout {
  name: string;
  keyPath: string | string[] | null;
  indexes: { name: string; keyPath: string | string[]; unique: boolean; multiEntry: boolean }[];
}

/**
 * Makes the changes of one transaction of a database durable: at once, or when what it returns resolves; until then
 * nobody is told that the transaction is complete. When it throws, the transaction is aborted and its changes undone.
 */
export type Commit = (database: string, changes: readonly Change[]) => Promise<void> | undefined;

/** What is recorded, by the beginning of the databases' names. */
const recordings = new Map<string, { commit: Commit; underWay: Set<Transaction> }>();
const changesOf = new WeakMap<Transaction, Change[]>();

/**
 * From now on `commit` has the changes of each read-write transaction of the databases `prefix`::… before whoever made
 * the transaction hears that it is complete. Ends when disposed of, after the transactions that are under way.
 */
export function recordTransactions(prefix: string, commit: Commit): AsyncDisposable {
  const underWay = new Set<Transaction>();
  recordings.set(prefix, { commit, underWay });
  return {
    async [Symbol.asyncDispose]() {
      while (underWay.size > 0) await new Promise((resolve) => setImmediate(resolve));
      recordings.delete(prefix);
    },
  };
}

/** Lets go of the databases `prefix`::…, which nobody uses any more. */
export function forgetDatabases(prefix: string): void {
  // Deleting them in IndexedDB's own way would wait for connections that a client in trouble has left open.
  const { _databases: databases } = fake.indexedDB as unknown as { _databases: Map<string, unknown> };
  for (const name of databases.keys()) if (name.startsWith(`${prefix}::`)) databases.delete(name);
}

/** Gives the process its IndexedDB, once. */
export function installIndexedDb(): Factory {
  const scope = globalThis as unknown as { indexedDB?: unknown };
  if (scope.indexedDB !== fake.indexedDB) {
    const { default: _same, forceCloseDatabase: _tests, ...interfaces } = fake;
    for (const [name, value] of Object.entries(interfaces)) {
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
    watchDatabases();
    watchObjectStores();
    watchCursors();
  }
  return fake.indexedDB as unknown as Factory;
}

function watchDatabases(): void {
  after(fake.IDBDatabase.prototype, "transaction", (database: Database, transaction: Transaction) => {
    const recording = recordingOf(database.name);
    if (recording === undefined || transaction.mode === "readonly") return;
    const { commit, underWay } = recording;
    const changes: Change[] = [];
    changesOf.set(transaction, changes);
    underWay.add(transaction);
    // Undoes it in memory and tells the one who made it: memory never holds what the disk does not.
    const abort = (): void => transaction._abort("UnknownError");
    let isWritten = false;
    transaction.addEventListener("abort", () => void underWay.delete(transaction));
    // The first listener of all: the SDK's own are told only after it.
    transaction.addEventListener("complete", (event) => {
      if (isWritten) return;
      if (transaction.mode === "versionchange") changes.push(layoutOf(database));
      try {
        const writing = changes.length > 0 ? commit(database.name, changes) : undefined;
        if (writing === undefined) return void underWay.delete(transaction);
        event.stopImmediatePropagation();
        const tellAgain = (): void => {
          isWritten = true;
          underWay.delete(transaction);
          transaction.dispatchEvent(Object.assign(event, notStopped));
        };
        writing.then(tellAgain, abort);
      } catch {
        event.stopImmediatePropagation();
        abort();
      }
    });
  });
  before(
    fake.IDBDatabase.prototype,
    "createObjectStore",
    (database: Database, _name: string, options?: { autoIncrement?: boolean }) => {
      if (recordingOf(database.name) && options?.autoIncrement) throw new Error("autoIncrement is not kept");
    },
  );
  after(fake.IDBDatabase.prototype, "deleteObjectStore", (database: Database, _result, store: string) => {
    for (const transaction of database._rawDatabase.transactions) {
      changesOf.get(transaction)?.push({ kind: "drop", store });
    }
  });
  before(fake.IDBFactory.prototype, "deleteDatabase", (_factory, name: string) => {
    if (recordingOf(name)) throw new Error(`${name} holds keys and is never deleted by a program`);
  });
}

/** As an event of fake-indexeddb is before it was stopped. */
const notStopped = { propagationStopped: false, immediatePropagationStopped: false };

function watchObjectStores(): void {
  const put = (store: ObjectStore, request: Request, value: unknown) => {
    const changes = changesOf.get(store.transaction);
    if (changes === undefined) return;
    // The caller may change the object afterwards.
    const kept = structuredClone(value);
    request.addEventListener("success", () => {
      changes.push({ kind: "put", store: store.name, key: request.result as Key, value: kept });
    });
  };
  after(fake.IDBObjectStore.prototype, "put", put);
  after(fake.IDBObjectStore.prototype, "add", put);
  before(fake.IDBObjectStore.prototype, "delete", (store: ObjectStore, range: Key) => {
    const changes = changesOf.get(store.transaction);
    if (changes === undefined) return;
    // Requests of a transaction run in order: these are the keys that the deletion will find.
    const request = store.getAllKeys(range);
    request.addEventListener("success", () => {
      for (const key of request.result as Key[]) changes.push({ kind: "delete", store: store.name, key });
    });
  });
  after(fake.IDBObjectStore.prototype, "clear", (store: ObjectStore, request: Request) => {
    const changes = changesOf.get(store.transaction);
    request.addEventListener("success", () => changes?.push({ kind: "clear", store: store.name }));
  });
}

function watchCursors(): void {
  const storeOf = ({ source }: Cursor): ObjectStore => ("objectStore" in source ? source.objectStore : source);
  after(fake.IDBCursor.prototype, "update", (cursor: Cursor, request: Request, value: unknown) => {
    const { name, transaction } = storeOf(cursor);
    const change = { kind: "put", store: name, key: cursor.primaryKey, value: structuredClone(value) } as const;
    request.addEventListener("success", () => changesOf.get(transaction)?.push(change));
  });
  after(fake.IDBCursor.prototype, "delete", (cursor: Cursor, request: Request) => {
    const { name, transaction } = storeOf(cursor);
    const change = { kind: "delete", store: name, key: cursor.primaryKey } as const;
    request.addEventListener("success", () => changesOf.get(transaction)?.push(change));
  });
}

function recordingOf(database: string) {
  return recordings.get(database.split("::")[0] ?? "");
}

function layoutOf(database: Database): Change {
  const names = [...database.objectStoreNames];
  if (names.length === 0) return { kind: "layout", version: database.version, stores: [] };
  const reading = database.transaction(names, "readonly");
  const stores = names.map((name) => {
    const store = reading.objectStore(name);
    const indexes = [...store.indexNames].map((index) => {
      const { keyPath, unique, multiEntry } = store.index(index);
      return { name: index, keyPath, unique, multiEntry };
    });
    return { name, keyPath: store.keyPath, indexes };
  });
  return { kind: "layout", version: database.version, stores };
}

type Method = (...parameters: never[]) => unknown;

function before(prototype: object, name: string, look: (self: never, ...parameters: never[]) => void): void {
  const methods = prototype as Record<string, Method>;
  const method = methods[name] as Method;
  methods[name] = function (this: never, ...parameters) {
    look(this, ...parameters);
    return method.apply(this, parameters);
  };
}

function after(
  prototype: object,
  name: string,
  look: (self: never, result: never, ...parameters: never[]) => void,
): void {
  const methods = prototype as Record<string, Method>;
  const method = methods[name] as Method;
  methods[name] = function (this: never, ...parameters) {
    const result = method.apply(this, parameters);
    look(this, result as never, ...parameters);
    return result;
  };
}

/** As much of IndexedDB's interfaces as is used here; the project is compiled without those of a browser. */
export interface Factory {
  open(name: string, version: number): OpenRequest;
}
interface Request {
  readonly result: unknown;
  readonly error: Error | null;
  addEventListener(type: "success" | "error" | "upgradeneeded", listener: () => void): void;
}
interface OpenRequest extends Request {
  readonly result: Database;
}
export interface Database {
  readonly name: string;
  readonly version: number;
  readonly objectStoreNames: Iterable<string>;
  /** Not of the standard: fake-indexeddb's own list of what is under way. */
  readonly _rawDatabase: { transactions: Transaction[] };
  transaction(stores: string[], mode: string): Transaction;
  createObjectStore(name: string, options: { keyPath: string | string[] | null }): ObjectStore;
  close(): void;
}
interface Transaction {
  readonly mode: string;
  objectStore(name: string): ObjectStore;
  /** Not of the standard: fake-indexeddb's way to end a transaction that has failed. */
  _abort(name: string): void;
  addEventListener(type: string, listener: (event: { stopImmediatePropagation(): void }) => void): void;
  dispatchEvent(event: object): void;
}
interface ObjectStore {
  readonly name: string;
  readonly keyPath: string | string[] | null;
  readonly indexNames: Iterable<string>;
  readonly transaction: Transaction;
  put(value: unknown, key?: Key): Request;
  getAllKeys(range: Key): Request;
  index(name: string): { keyPath: string | string[]; unique: boolean; multiEntry: boolean };
  createIndex(name: string, keyPath: string | string[], options: { unique: boolean; multiEntry: boolean }): unknown;
}
interface Cursor {
  readonly primaryKey: Key;
  readonly source: ObjectStore | { objectStore: ObjectStore };
}
