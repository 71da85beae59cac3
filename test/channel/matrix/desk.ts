import { createClient, MatrixEvent, Room } from "matrix-js-sdk";
import { type Approvals, createApprovals } from "../../../src/channel/matrix/approvals.ts";
import { createAttachments } from "../../../src/channel/matrix/attachments.ts";
import { createHandOns } from "../../../src/channel/matrix/hand-ons.ts";
import { createInboxReader } from "../../../src/channel/matrix/inbox.ts";
import type { FileKeeper } from "../../../src/channel/matrix/media/file-keeper.ts";
import { createNotices } from "../../../src/channel/matrix/notices.ts";
import { createPeers } from "../../../src/channel/matrix/peers.ts";
import { createPeople } from "../../../src/channel/matrix/people.ts";
import { createReceiveTime } from "../../../src/channel/matrix/receive-time.ts";
import { createRoomBook, type RoomMode } from "../../../src/channel/matrix/rooms.ts";
import { createTurns } from "../../../src/channel/matrix/turns.ts";
import type { Logger } from "../../../src/log.ts";
import { clockAt, temporaryStore } from "../../support/temporary.ts";

export const [me, owner, friend, stranger] = ["@agent:here", "@owner:here", "@friend:here", "@stranger:there"] as const;
export const roomId = "!room:here";

const quiet = (): void => {};
const sdkLogger: never = {
  ...{ trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet },
  getChild: () => sdkLogger,
} as never;

interface Fields {
  id?: string;
  type?: string;
  sender?: string;
  content?: Record<string, unknown>;
  at?: string;
  stateKey?: string;
  redacts?: string;
}

let next = 1;

/** An event of the SDK, as the server gives it. */
export function event({ id = `$e${next++}`, type = "m.room.message", sender = owner, ...fields }: Fields): MatrixEvent {
  const { content = {}, at = "2026-11-20T12:00:00Z", stateKey, redacts } = fields;
  return new MatrixEvent({
    ...{ event_id: id, room_id: roomId, type, sender, content, origin_server_ts: Date.parse(at) },
    ...(stateKey === undefined ? {} : { state_key: stateKey }),
    ...(redacts === undefined ? {} : { redacts }),
  } as never);
}

export function says(body: string, fields: Fields = {}): MatrixEvent {
  const { content, ...rest } = fields;
  return event({ ...rest, content: { msgtype: "m.text", body, ...content } });
}

export function reacts(of: string, key: string, fields: Fields = {}): MatrixEvent {
  const content = { "m.relates_to": { rel_type: "m.annotation", event_id: of, key } };
  return event({ ...fields, type: "m.reaction", content });
}

export function edits(of: string, body: string, fields: Fields = {}): MatrixEvent {
  const content = {
    "m.new_content": { msgtype: "m.text", body },
    "m.relates_to": { rel_type: "m.replace", event_id: of },
  };
  return says(`* ${body}`, { ...fields, content });
}

export function takesBack(of: string, fields: Fields = {}): MatrixEvent {
  return event({ ...fields, type: "m.room.redaction", redacts: of });
}

export interface DeskOptions {
  members?: string[];
  encrypted?: boolean;
  mode?: RoomMode;
  trusted?: boolean;
  identityChanged?: boolean;
  /** The device from which everything comes is one that its owner has signed. */
  trustedDevice?: boolean;
  yesBy?: "reaction" | "text";
  files?: FileKeeper;
  /** The other agents of this installation, by their accounts. */
  agents?: Record<string, string>;
  /** What is under way, when somebody says stop. */
  isWorking?: boolean;
}

/** Where events come in: the real reader, store and room of the SDK, without a homeserver. */
export function openDesk({
  members = [me, owner],
  encrypted = false,
  mode,
  trusted = false,
  ...more
}: DeskOptions = {}) {
  const clock = clockAt("2026-11-20T12:00:00Z");
  const store = temporaryStore(clock.now);
  const client = createClient({ baseUrl: "http://127.0.0.1:9", userId: me, logger: sdkLogger });
  const room = new Room(roomId, client, me);
  const member = (userId: string) =>
    event({ type: "m.room.member", sender: userId, stateKey: userId, content: { membership: "join" } });
  room.currentState.setStateEvents([
    ...members.map(member),
    ...(encrypted
      ? [event({ type: "m.room.encryption", stateKey: "", content: { algorithm: "m.megolm.v1.aes-sha2" } })]
      : []),
  ]);

  const lines: string[] = [];
  const entry = (message: string, data?: object): void => void lines.push(`${message} ${JSON.stringify(data)}`);
  const log: Logger = { debug: quiet, info: entry, warn: entry, error: entry };
  const [channel, agent] = ["matrix", "main"];
  const named = { [me]: "Memtrix", ...more.agents };
  const ours = new Map(Object.entries(named).map(([id, name]) => [id, { agent: id, name, isHere: () => true }]));
  const people = createPeople({ owners: [owner], allowed: [friend], ours });
  const sent: { id: string; event: { type: string; content: Record<string, unknown> } }[] = [];
  let holding: Promise<void> | undefined;
  const send = async (event: { type: string; content: Record<string, unknown> }): Promise<string> => {
    await holding;
    const id = `$sent${sent.length + 1}`;
    sent.push({ id, event });
    return id;
  };
  const approvals: Approvals = createApprovals({
    ...{ channel, agent, questions: store.questions, log, yesBy: more.yesBy ?? "reaction" },
    sender: { send: (_room, event) => send(event), try: (_room, event) => send(event) },
  });
  const notices = createNotices({
    ...{ channel, agent, outbox: store.outbox, settings: store.settings, now: clock.now, configured: "!home:here" },
  });
  const attachments = createAttachments({ inbox: store.inbox, files: more.files, notices, log });
  const stored: number[] = [];
  const waits: string[] = [];
  const withdrawn: number[] = [];
  const away = { now: false };
  let heard: Date | undefined;
  const time = createReceiveTime(clock.now, {
    get: () => heard,
    set: (at) => {
      heard = at;
    },
  });
  const reader = createInboxReader({
    ...{ channel, agent, userId: me, names: ["Memtrix"], people, approvals, notices, store, time, log, now: clock.now },
    attachments,
    peers: createPeers({
      ...{ channel, client: { getRoom: () => room }, userId: me, people, store },
      ...{ mostAnswers: () => 4, handOns: createHandOns() },
    }),
    turns: createTurns(),
    stop: () => more.isWorking ?? false,
    rooms: createRoomBook({
      ...{ channel, agent, userId: me, people, rooms: store.rooms },
      settings: mode ? { [roomId]: { mode, trusted } } : trusted ? { [roomId]: { mode: "mention", trusted } } : {},
    }),
    quotes: { of: async () => undefined, beforeThread: async () => undefined },
    trust: {
      isFromTrustedDevice: async () => more.trustedDevice ?? true,
      identityChanged: async () => more.identityChanged ?? false,
    },
    ...{ encryptedOnly: false, answerMs: 86_400_000 },
    isCatchingUp: () => away.now,
    isAnswered: () => false,
    onStored(row, after = []) {
      stored.push(row);
      if (after.length > 0) waits.push(...after);
    },
    withdraw: ({ inbox }) => void withdrawn.push(inbox),
    onTombstone: async () => {},
  });

  return {
    ...{ store, room, reader, waits, lines, approvals, attachments, sent, withdrawn, clock, away, people, member },
    read: (...events: MatrixEvent[]) => reader.read(room, events),
    /** What is to be worked on, in order. */
    orders: () => stored.map((row) => store.inbox.get(row)?.text),
    /** What is told in rooms beside the answers. */
    told: () =>
      store.outbox.waiting(channel).map(({ event }) => String((event as { content: { body: string } }).content.body)),
    /** Questions leave when the function that this gives is called. */
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      holding = promise;
      return resolve;
    },
    ask(signal: AbortSignal = new AbortController().signal, how: { inWords?: boolean } = {}) {
      const render = (body: string) => ({ type: "m.room.message", content: { msgtype: "m.text", body } });
      const asked = approvals.askIn({
        ...{ conversation: `matrix:${roomId}`, room: roomId, inbox: 77, render, ...how },
        edit: (of, body) => ({
          type: "m.room.message",
          content: { body, "m.relates_to": { rel_type: "m.replace", event_id: of } },
        }),
      });
      return asked(
        { call: { id: "c", name: "delete_file", input: {} }, argumentsHash: "", text: "Delete it?" },
        signal,
      );
    },
  };
}
