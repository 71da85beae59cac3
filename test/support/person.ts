import type { SeenEvent, SeenEvents, WaitOptions } from "./seen-events.ts";

/** What differs between the client libraries that a person may use. */
export interface PersonTransport {
  userId: string;
  deviceId: string;
  seen: SeenEvents;
  /** Resolves when the room is there and encrypted as asked. */
  createRoom(room: NewRoom): Promise<string>;
  /** Resolves when the room's state has come. */
  join(roomId: string): Promise<void>;
  /** Encrypted when the room is. Resolves to the event's id. */
  sendEvent(roomId: string, type: string, content: object): Promise<string>;
  redact(roomId: string, eventId: string): Promise<string>;
  /** The `url` or, encrypted, the `file` of a message's content. */
  upload(roomId: string, file: SentFile): Promise<{ url: string } | { file: object }>;
  /** The bytes that the `url` or the `file` of a message's content stands for, decrypted. */
  download(content: Record<string, unknown>): Promise<Uint8Array>;
  stop(): Promise<void>;
}

export interface NewRoom {
  invite?: string[];
  name?: string;
  /** As it is at first. */
  encrypted?: boolean;
  /** A direct room, as it is at first. */
  direct?: boolean;
}

export interface SentFile {
  name: string;
  /** Its media type, such as image/png. */
  type: string;
  bytes: Uint8Array;
  caption?: string;
}

export interface SendOptions {
  /** The event that it replies to. */
  replyTo?: string;
  /** The root of the thread that it is said in. */
  thread?: string;
  mentions?: string[];
}

/** Someone in Element, as a test plays them. */
export interface Person extends Omit<PersonTransport, "seen" | "upload" | "sendEvent"> {
  /** All that came, in order. */
  seen(): readonly SeenEvent[];
  waitFor: SeenEvents["waitFor"];
  waitForInvitation(from?: string, options?: WaitOptions): Promise<string>;
  waitForJoin(roomId: string, userId: string): Promise<void>;
  /** The first message of another that fits; edits are none. */
  waitForMessage(roomId: string, fits?: (event: SeenEvent) => boolean, options?: WaitOptions): Promise<SeenEvent>;
  /** Says it, and waits for the first message of another after it. */
  ask(roomId: string, text: string, options?: SendOptions): Promise<SeenEvent>;
  send(roomId: string, text: string, options?: SendOptions): Promise<string>;
  sendEvent(roomId: string, type: string, content: object): Promise<string>;
  sendFile(roomId: string, file: SentFile, options?: SendOptions): Promise<string>;
  react(roomId: string, eventId: string, key: string): Promise<string>;
  edit(roomId: string, eventId: string, text: string): Promise<string>;
}

export function createPerson({ seen, upload, ...transport }: PersonTransport): Person {
  const { sendEvent, userId } = transport;
  const send: Person["send"] = (roomId, text, options) =>
    sendEvent(roomId, "m.room.message", { msgtype: "m.text", body: text, ...relationOf(options) });
  const waitForMessage: Person["waitForMessage"] = (roomId, fits = () => true, options) =>
    seen.waitFor((event) => event.roomId === roomId && event.sender !== userId && isNewMessage(event) && fits(event), {
      ...options,
    });

  return {
    ...transport,
    seen: seen.all,
    waitFor: seen.waitFor,
    async waitForInvitation(from, options) {
      const invites = ({ type, sender, stateKey, content }: SeenEvent) =>
        type === "m.room.member" &&
        content.membership === "invite" &&
        stateKey === userId &&
        (from ?? sender) === sender;
      return (await seen.waitFor(invites, options)).roomId;
    },
    async waitForJoin(roomId, who) {
      await seen.waitFor(
        (event) =>
          event.roomId === roomId &&
          event.type === "m.room.member" &&
          event.stateKey === who &&
          event.content.membership === "join",
      );
    },
    waitForMessage,
    async ask(roomId, text, options) {
      const from = seen.all().length;
      await send(roomId, text, options);
      return waitForMessage(roomId, undefined, { from });
    },
    send,
    async sendFile(roomId, file, options) {
      const { name, type, bytes, caption = name } = file;
      return sendEvent(roomId, "m.room.message", {
        ...{ msgtype: messageTypeOf(type), body: caption, filename: name },
        info: { mimetype: type, size: bytes.length },
        ...(await upload(roomId, file)),
        ...relationOf(options),
      });
    },
    react: (roomId, eventId, key) =>
      sendEvent(roomId, "m.reaction", { "m.relates_to": { rel_type: "m.annotation", event_id: eventId, key } }),
    edit: (roomId, eventId, text) =>
      sendEvent(roomId, "m.room.message", {
        ...{ msgtype: "m.text", body: `* ${text}` },
        "m.new_content": { msgtype: "m.text", body: text },
        "m.relates_to": { rel_type: "m.replace", event_id: eventId },
      }),
  };
}

/** The relation of an event to another, if it has one. */
export function relationOfEvent({ content }: SeenEvent): Relation {
  return (content["m.relates_to"] ?? {}) as Relation;
}

export interface Relation {
  rel_type?: string;
  event_id?: string;
  key?: string;
  is_falling_back?: boolean;
  "m.in_reply_to"?: { event_id: string };
}

function isNewMessage(event: SeenEvent): boolean {
  return event.type === "m.room.message" && relationOfEvent(event).rel_type !== "m.replace";
}

function relationOf({ replyTo, thread, mentions }: SendOptions = {}) {
  const reply = replyTo ?? thread;
  return {
    ...(reply === undefined
      ? {}
      : {
          "m.relates_to": {
            ...(thread ? { rel_type: "m.thread", event_id: thread, is_falling_back: replyTo === undefined } : {}),
            "m.in_reply_to": { event_id: reply },
          },
        }),
    ...(mentions ? { "m.mentions": { user_ids: mentions } } : {}),
  };
}

function messageTypeOf(mediaType: string): string {
  const kind = mediaType.split("/")[0] ?? "";
  return ["image", "audio", "video"].includes(kind) ? `m.${kind}` : "m.file";
}
