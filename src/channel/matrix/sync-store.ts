import { crc32 } from "node:zlib";
import { type ISyncResponse, MemoryStore, SyncAccumulator } from "matrix-js-sdk";
import type { IStore } from "matrix-js-sdk/lib/store/index.js";
import type { DeviceDatabase } from "./device-database.ts";
import type { PatientWrites } from "./patient-writes.ts";

/**
 * The SDK's own store of rooms, made durable. What a sync brought is written together with its position, and only
 * after `handOver` has resolved: after a crash the homeserver is asked again for all that was not dealt with. The SDK
 * asks for the next sync only then. The rooms are put together from the syncs again at the next start, so there is
 * no initial sync, which would say nothing of devices that changed while we were away.
 */
export interface SyncStore {
  store: IStore;
  /** How far was read before this start; undefined at the first. */
  position: string | undefined;
  /** The rooms are in memory: a sync that begins again must not lay them out a second time. */
  keepRooms(): void;
}

/** So many syncs are kept apart before they are written as one. */
const mostSyncs = 200;

/** `handOver` says whether the sync counts as read. */
export function openSyncStore(
  device: DeviceDatabase,
  writes: Pick<PatientWrites, "write">,
  handOver: (sync: ISyncResponse, isFirst: boolean) => Promise<boolean>,
): SyncStore {
  const rows = createRows(device);
  const accumulator = new SyncAccumulator();
  const saved = rows.all();
  for (const sync of saved) accumulator.accumulate(sync, true);
  let count = saved.length;
  let inMemory = false;
  let position = rows.position();

  const store = Object.assign(new MemoryStore(), {
    getSavedSyncToken: async () => position ?? null,
    getSavedSync: async () => (position === undefined || inMemory ? null : accumulator.getJSON(true)),
    async setSyncData(sync: ISyncResponse): Promise<void> {
      if (!(await handOver(sync, position === undefined))) return;
      const kept = toKeep(sync);
      accumulator.accumulate(kept);
      await writes.write(() => {
        rows.setPosition(sync.next_batch);
        if (!bringsAnything(kept)) return;
        rows.add(kept);
        count += 1;
        if (count <= mostSyncs && !takesBack(kept)) return;
        const { roomsData, accountData, nextBatch } = accumulator.getJSON(true);
        rows.clear();
        rows.add({ next_batch: nextBatch, rooms: roomsData, account_data: { events: accountData } });
        count = 1;
      });
      position = sync.next_batch;
    },
  });

  return {
    store,
    position,
    keepRooms() {
      inMemory = true;
    },
  };
}

/** What the rooms are made of. Keys sent to the device are in the crypto store and nowhere else. */
function toKeep({ next_batch, rooms, account_data }: ISyncResponse): ISyncResponse {
  return { next_batch, rooms, account_data };
}

function bringsAnything({ rooms, account_data }: ISyncResponse): boolean {
  return Object.values(rooms ?? {}).some((kind) => Object.keys(kind).length > 0) || !!account_data?.events?.length;
}

/** Words that were taken back must not stay in an earlier sync; the SDK has emptied the event in memory. */
function takesBack({ rooms }: ISyncResponse): boolean {
  return Object.values(rooms?.join ?? {}).some(({ timeline }) =>
    timeline?.events?.some(({ type }) => type === "m.room.redaction"),
  );
}

function createRows(device: DeviceDatabase) {
  const { database } = device;
  const all = database.prepare("SELECT response, checksum FROM sync ORDER BY id");
  const add = database.prepare("INSERT INTO sync (response, checksum) VALUES (?, ?)");
  const clear = database.prepare("DELETE FROM sync");
  const position = database.prepare("SELECT token, checksum FROM position");
  const setPosition = database.prepare("INSERT OR REPLACE INTO position (id, token, checksum) VALUES (1, ?, ?)");

  return {
    all(): ISyncResponse[] {
      return all.all().map((row) => {
        const { response, checksum } = row as { response: string; checksum: number };
        if (crc32(response) !== checksum) throw device.damaged("what is known of a room has changed");
        return JSON.parse(response);
      });
    },
    add(sync: ISyncResponse): void {
      const response = JSON.stringify(sync);
      add.run(response, crc32(response));
    },
    clear: () => void clear.run(),
    position(): string | undefined {
      const row = position.get() as { token: string; checksum: number } | undefined;
      if (row && crc32(row.token) !== row.checksum) throw device.damaged("how far was read has changed");
      return row?.token;
    },
    setPosition: (token: string) => void setPosition.run(token, crc32(token)),
  };
}
