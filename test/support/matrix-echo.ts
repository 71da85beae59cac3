import { DatabaseSync } from "node:sqlite";
import type { MatrixEvent } from "matrix-js-sdk";
import { openMatrixConnection } from "../../src/channel/matrix/connection.ts";
import { silent } from "../../src/log.ts";

// Answers each message of others once, with an inbox that is on the disk: what the channel does, at its barest.
// It tells its parent when it is ready, and what it could not read.
const [, , homeserver = "", userId = "", accessToken = "", directory = ""] = process.argv;
const inbox = new DatabaseSync(`${directory}/inbox.db`);
inbox.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS message (event TEXT PRIMARY KEY, room TEXT, text TEXT, answered INTEGER DEFAULT 0)`);
const add = inbox.prepare("INSERT INTO message (event, room, text) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
const open = inbox.prepare("SELECT event, room, text FROM message WHERE answered = 0 ORDER BY rowid");
const done = inbox.prepare("UPDATE message SET answered = 1 WHERE event = ?");

const connection = await openMatrixConnection({
  ...{ homeserver, userId, accessToken, directory, log: silent, now: () => new Date() },
});
const { client } = connection;

let isAnswering = false;
async function answerAll(): Promise<void> {
  if (isAnswering) return;
  isAnswering = true;
  for (let row = open.get(); row !== undefined; row = open.get()) {
    const { event, room, text } = row as Record<"event" | "room" | "text", string>;
    await client.sendEvent(
      room,
      "m.room.message" as never,
      { msgtype: "m.text", body: `re: ${text}` } as never,
      `re-${event}`,
    );
    done.run(event);
  }
  isAnswering = false;
}

function take(event: MatrixEvent): void {
  const isMessage = event.getType() === "m.room.message" && event.getSender() !== userId;
  if (isMessage) add.run(event.getId() ?? "", event.getRoomId() ?? "", String(event.getContent().body));
}

await connection.start({
  async onEvents(_room, events) {
    for (const event of events) take(event);
    void answerAll();
  },
  async onDecrypted(event) {
    process.send?.({ late: event.getContent().body });
    take(event);
    void answerAll();
  },
  async onInvite(room) {
    await client.joinRoom(room.roomId);
  },
  async onUndecryptable(event) {
    process.send?.({ unreadable: event.getId() });
  },
});
process.send?.("ready");
void answerAll();
