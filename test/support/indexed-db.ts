// biome-ignore-all lint/suspicious/noExplicitAny: the project is compiled without the types of a browser.

/** As much of the browser's IndexedDB as a test says with it; promises in place of events. */
export async function openIndexedDb(name: string, version: number, upgrade?: (database: any) => void): Promise<any> {
  const request = (globalThis as any).indexedDB.open(name, version);
  if (upgrade) request.onupgradeneeded = () => upgrade(request.result);
  await asPromise(request);
  return request.result;
}

export function asPromise(request: any): Promise<any> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Resolves when the transaction that `work` is done in is complete. */
export function transact(database: any, stores: string[], work: (transaction: any) => void): Promise<void> {
  const transaction = database.transaction(stores, "readwrite");
  work(transaction);
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
  });
}

/** All that a store holds, by its keys. */
export async function contentOf(database: any, store: string): Promise<[unknown, unknown][]> {
  const reading = database.transaction([store], "readonly").objectStore(store);
  const [keys, values] = await Promise.all([asPromise(reading.getAllKeys()), asPromise(reading.getAll())]);
  return keys.map((key: unknown, index: number) => [key, values[index]]);
}
