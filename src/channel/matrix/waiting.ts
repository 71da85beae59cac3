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

export function createWaiting({ database }: DeviceDatabase): Waiting {
  const add = database.prepare(
    "INSERT INTO waiting (room, event, json, since) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const remove = database.prepare("DELETE FROM waiting WHERE room = ? AND event = ?");
  const has = database.prepare("SELECT 1 FROM waiting WHERE room = ? AND event = ?");
  const all = database.prepare("SELECT room, json FROM waiting ORDER BY id");
  const count = database.prepare("SELECT count(*) AS count FROM waiting");
  const drop = database.prepare("DELETE FROM waiting WHERE since < ? RETURNING room, event");

  return {
    add: (room, event, since) => void add.run(room, event.event_id, JSON.stringify(event), since.getTime()),
    remove: (room, event) => void remove.run(room, event),
    has: (room, event) => has.get(room, event) !== undefined,
    all: () => all.all().map(({ room, json }) => ({ room: String(room), event: JSON.parse(String(json)) })),
    count: () => Number(count.get()?.count),
    dropBefore: (time) => drop.all(time.getTime()) as unknown as { room: string; event: string }[],
  };
}
