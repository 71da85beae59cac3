import { crc32 } from "node:zlib";
import type { IEvent } from "matrix-js-sdk";
import type { DeviceDatabase } from "./device-database.ts";

/** Events that could not be read, kept until their keys come or a day is over. */
export interface Waiting {
  add(room: string, event: IEvent, since: Date): void;
  remove(room: string, event: string): void;
  has(room: string, event: string): boolean;
  all(): { room: string; event: IEvent }[];
  count(): number;
  /** Gives up on those that wait since before `time`, and says which they are. */
  dropBefore(time: Date): { room: string; event: string }[];
}

export function createWaiting(device: DeviceDatabase): Waiting {
  const { database } = device;
  const add = database.prepare(
    "INSERT INTO waiting (room, event, json, checksum, since) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const remove = database.prepare("DELETE FROM waiting WHERE room = ? AND event = ?");
  const has = database.prepare("SELECT 1 FROM waiting WHERE room = ? AND event = ?");
  const all = database.prepare("SELECT room, json, checksum FROM waiting ORDER BY id");
  const count = database.prepare("SELECT count(*) AS count FROM waiting");
  const drop = database.prepare("DELETE FROM waiting WHERE since < ? RETURNING room, event");

  let waiting = Number(count.get()?.count);

  return {
    add(room, event, since) {
      const json = JSON.stringify(event);
      waiting += Number(add.run(room, event.event_id, json, crc32(json), since.getTime()).changes);
    },
    remove(room, event) {
      waiting -= Number(remove.run(room, event).changes);
    },
    has: (room, event) => has.get(room, event) !== undefined,
    all: () =>
      all.all().map((row) => {
        const { room, json, checksum } = row as { room: string; json: string; checksum: number };
        if (crc32(json) !== checksum) throw device.damaged("a message that waits for its keys has changed");
        return { room, event: JSON.parse(json) };
      }),
    count: () => waiting,
    dropBefore(time) {
      const dropped = drop.all(time.getTime()) as unknown as { room: string; event: string }[];
      waiting -= dropped.length;
      return dropped;
    },
  };
}
