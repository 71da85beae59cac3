import type { MatrixClient, MatrixEvent } from "matrix-js-sdk";
import { openMatrixConnection } from "../channel/matrix/connection.ts";
import { setUpKeys } from "../channel/matrix/keys.ts";
import type { Logger } from "../log.ts";
import type { DemoAccount } from "./make-accounts.ts";
import type { Message } from "./message.ts";

/** The second account: somebody in Element, played by this program. */
export interface Person extends AsyncDisposable {
  userId: string;
  /** Follows invitations from now on, those that have come included. */
  begin(): void;
  /** Opens the account's keys for another device of theirs. A secret. */
  recoveryKey: string;
  /** Resolves when the homeserver has it. */
  say(room: string, text: string): Promise<void>;
  react(room: string, message: string, emoji: string): Promise<void>;
}

export interface PersonOptions {
  homeserver: string;
  account: DemoAccount;
  /** Where its keys are. */
  directory: string;
  /** Somebody's invitation to a room is followed. `from`: their full id. */
  onInvited(from: string): void;
  onMessage(message: Message): void;
  log: Logger;
  signal: AbortSignal;
}

/** Waits for the homeserver to answer, and sets up the account's keys. */
export async function openPerson(options: PersonOptions): Promise<Person> {
  const { homeserver, account, directory, log, signal, onInvited, onMessage } = options;
  const { userId, password, accessToken } = account;
  const connection = await openMatrixConnection({
    ...{ homeserver, userId, accessToken, directory, log, signal },
    now: () => new Date(),
  });
  const { client } = connection;
  const begun = Promise.withResolvers<void>();
  const hear = (event: MatrixEvent): void => {
    const message = messageOf(event);
    if (message) onMessage(message);
  };
  await using opening = new AsyncDisposableStack();
  opening.defer(() => connection.close());
  opening.defer(() => connection.stop());
  await connection.start({
    async onEvents(_room, events) {
      for (const event of events) hear(event);
    },
    async onDecrypted(event) {
      hear(event);
    },
    async onInvite(room, from) {
      // Not waited for: reading must go on for the room to come.
      begun.promise
        .then(() => !room.isSpaceRoom() && onInvited(from))
        .then(() => client.joinRoom(room.roomId))
        .catch((error) => log.warn("An invitation could not be followed", { error }));
    },
  });
  const { recoveryKey } = await setUpKeys(connection, { password });
  const open = opening.move();
  return {
    ...{ userId, recoveryKey, begin: begun.resolve },
    say: (room, body) => send(client, room, "m.room.message", { msgtype: "m.text", body }),
    react: (room, message, key) =>
      send(client, room, "m.reaction", { "m.relates_to": { rel_type: "m.annotation", event_id: message, key } }),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

async function send(client: MatrixClient, room: string, type: string, content: object): Promise<void> {
  await client.sendEvent(room, type as never, content as never);
}

/** Undefined for what a reader does not see. */
function messageOf(event: MatrixEvent): Message | undefined {
  const content = event.getOriginalContent();
  const relation = event.getWireContent()["m.relates_to"] ?? content["m.relates_to"];
  const about = {
    ...{ id: event.getId() ?? "", room: event.getRoomId() ?? "", sender: event.getSender() ?? "" },
    ...{ at: event.getDate() ?? new Date(), encrypted: event.isEncrypted() },
  };
  if (event.getType() === "m.reaction")
    return { ...about, kind: "reaction", body: String(relation?.key), of: String(relation?.event_id) };
  if (event.getType() !== "m.room.message") return undefined;
  const shown = content["m.new_content"] ?? content;
  const of = relation?.rel_type === "m.replace" ? { of: String(relation.event_id) } : {};
  return { ...about, ...of, kind: shown.msgtype === "m.notice" ? "notice" : "text", body: String(shown.body) };
}
