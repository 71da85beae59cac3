import { ClientEvent, type MatrixClient, SyncState } from "matrix-js-sdk";

/** Resolves when the next sync has come. Rejects when `signal` aborts. */
export async function nextSync(client: MatrixClient, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const heard = (state: SyncState): void => void (state === SyncState.Syncing && resolve());
  const abort = (): void => reject(signal.reason);
  client.on(ClientEvent.Sync, heard);
  signal.addEventListener("abort", abort, { once: true });
  return promise.finally(() => {
    client.off(ClientEvent.Sync, heard);
    signal.removeEventListener("abort", abort);
  });
}
