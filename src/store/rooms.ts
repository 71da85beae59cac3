import type { DatabaseSync } from "node:sqlite";

/** What is known for good about the rooms that an agent is in. */
export interface Rooms {
  get(channel: string, agent: string, id: string): StoredRoom | undefined;
  /** Writes down what kind of room this is, once: a kind that is known stays. */
  add(channel: string, agent: string, room: StoredRoom): void;
  /** From now on nothing may leave for it unencrypted, whatever the server says later. */
  setEncrypted(channel: string, agent: string, id: string): void;
  all(channel: string, agent: string): StoredRoom[];
}

export interface StoredRoom {
  id: string;
  /** `direct`: one person and the agent; every message there is for it. */
  kind: "direct" | "group";
  encrypted: boolean;
}

export function createRooms(database: DatabaseSync): Rooms {
  const get = database.prepare("SELECT * FROM room WHERE channel = ? AND agent = ? AND id = ?");
  const insert = database.prepare(
    "INSERT INTO room (channel, agent, id, kind, encrypted) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const setEncrypted = database.prepare("UPDATE room SET encrypted = 1 WHERE channel = ? AND agent = ? AND id = ?");
  const all = database.prepare("SELECT * FROM room WHERE channel = ? AND agent = ? ORDER BY id");

  return {
    get(channel, agent, id) {
      const row = get.get(channel, agent, id);
      return row && storedRoom(row);
    },
    add: (channel, agent, { id, kind, encrypted }) => void insert.run(channel, agent, id, kind, encrypted ? 1 : 0),
    setEncrypted: (channel, agent, id) => void setEncrypted.run(channel, agent, id),
    all: (channel, agent) => all.all(channel, agent).map(storedRoom),
  };
}

function storedRoom(row: Record<string, unknown>): StoredRoom {
  const { id, kind, encrypted } = row as never;
  return { id, kind, encrypted: encrypted === 1 };
}
