import type { DeviceDatabase } from "./device-database.ts";

/** The events that were handed over to the inbox: each is handed over once, and a gap ends at one of them. */
export interface HandedOver {
  knows(room: string, event: string): boolean;
  knowsRoom(room: string): boolean;
  add(room: string, event: string): void;
  /** After leaving: what is said there until the next invitation is none of ours. */
  forgetRoom(room: string): void;
}

/** Far more than a sync brings for a room. */
const keptPerRoom = 1_000;

export function createHandedOver({ database }: DeviceDatabase): HandedOver {
  const knows = database.prepare("SELECT 1 FROM handed_over WHERE room = ? AND event = ?");
  const knowsRoom = database.prepare("SELECT 1 FROM handed_over WHERE room = ? LIMIT 1");
  const add = database.prepare("INSERT INTO handed_over (room, event) VALUES (?, ?) ON CONFLICT DO NOTHING");
  const count = database.prepare("SELECT count(*) AS count FROM handed_over WHERE room = ?");
  const prune = database.prepare(
    `DELETE FROM handed_over WHERE room = ?1 AND id <= (
       SELECT id FROM handed_over WHERE room = ?1 ORDER BY id DESC LIMIT 1 OFFSET ${keptPerRoom})`,
  );
  const forgetRoom = database.prepare("DELETE FROM handed_over WHERE room = ?");

  return {
    knows: (room, event) => knows.get(room, event) !== undefined,
    knowsRoom: (room) => knowsRoom.get(room) !== undefined,
    add(room, event) {
      const { lastInsertRowid } = add.run(room, event);
      if (Number(lastInsertRowid) % 100 !== 0) return;
      if (Number(count.get(room)?.count) > keptPerRoom) prune.run(room);
    },
    forgetRoom: (room) => void forgetRoom.run(room),
  };
}
