import { type MatrixClient, MatrixEvent, Method } from "matrix-js-sdk";
import type { OutboundEvent } from "../../reply.ts";
import { answersKey } from "./answered-elsewhere.ts";
import { transactionKey } from "./delivered.ts";
import { NotEncryptedError } from "./send-failure.ts";

/** The one way by which an event leaves for a room. */
export interface Outlet {
  /**
   * Sends one event once, and gives its id; the same transaction again is the same event. In an encrypted room it is
   * encrypted or it does not leave. Throws what `sendFailureOf` understands.
   */
  send(room: string, event: RoomEvent, transaction: string): Promise<string>;
  /** Nothing is encrypted any more. Resolves when nothing is: the SDK's crypto must not be closed in the middle of it. */
  close(): Promise<void>;
}

/** Takes an event of ours back. It holds no words, and is not encrypted anywhere. */
export function redactionOf(event: string): RoomEvent {
  return { type: redaction, content: { redacts: event } };
}

const redaction = "m.room.redaction";

/** An event before it has an id: what `OutboundEvent` holds in this channel. */
export interface RoomEvent extends OutboundEvent {
  type: string;
  content: Record<string, unknown>;
  /** The ids of the messages that it answers. */
  answers?: readonly string[];
}

export interface OutletOptions {
  client: MatrixClient;
  /** True for a room that has ever been encrypted. */
  isEncrypted(room: string): boolean;
  /** Rooms that are not encrypted get nothing. */
  encryptedOnly: boolean;
}

/** The crypto that the SDK has inside: its public part cannot encrypt an event by itself. */
interface Encrypts {
  encryptEvent(event: MatrixEvent, room: object): Promise<void>;
}

/**
 * Past the SDK's own queue: that one gives up after a few attempts, and holds back everything behind what failed.
 */
export function createOutlet({ client, isEncrypted, encryptedOnly }: OutletOptions): Outlet {
  const sealing = new Set<Promise<unknown>>();
  let isClosed = false;

  async function mustEncrypt(room: string): Promise<boolean> {
    if (isEncrypted(room)) return true;
    if (client.getRoom(room)?.hasEncryptionStateEvent()) return true;
    return (await client.getCrypto()?.isEncryptionEnabledInRoom(room)) ?? false;
  }

  async function sealed(roomId: string, { type, content }: RoomEvent): Promise<RoomEvent> {
    const room = client.getRoom(roomId);
    if (!room) throw new NotEncryptedError("the room is not known here: whether it is encrypted cannot be told");
    const encrypt = await mustEncrypt(roomId);
    if (!encrypt && encryptedOnly)
      throw new NotEncryptedError(
        "the room is not encrypted, and the config says that only encrypted ones are answered",
      );
    if (!encrypt) return { type, content };

    const crypto = client.getCrypto();
    if (!crypto) throw new NotEncryptedError("the room is encrypted, and there are no keys to encrypt with");
    const event = new MatrixEvent({ type, content, room_id: roomId, sender: client.getSafeUserId() });
    if (isClosed) throw new Error("The connection is closing.");
    const encrypting = (crypto as unknown as Encrypts).encryptEvent(event, room);
    const over = encrypting.catch(() => {}).then(() => void sealing.delete(over));
    sealing.add(over);
    await encrypting;
    if (event.getWireType() !== "m.room.encrypted" || !("ciphertext" in event.getWireContent()))
      throw new NotEncryptedError("the room is encrypted, and the event is not");
    return { type: event.getWireType(), content: event.getWireContent() };
  }

  async function put(room: string, way: string, of: string, transaction: string, content: object): Promise<string> {
    const path = `/rooms/${[room, way, of, transaction].map(encodeURIComponent).join("/")}`;
    return (await client.http.authedRequest<{ event_id: string }>(Method.Put, path, undefined, content)).event_id;
  }

  async function leave(room: string, event: RoomEvent, transaction: string): Promise<string> {
    if (event.type === redaction) return put(room, "redact", String(event.content.redacts), transaction, {});
    const content = { ...event.content, [transactionKey]: transaction };
    const { type, content: sealedContent } = await sealed(room, { ...event, content });
    const answers = event.answers?.length ? { [answersKey]: event.answers } : {};
    return put(room, "send", type, transaction, { ...sealedContent, ...answers });
  }

  const edits = new Map<string, Promise<unknown>>();

  /** Edits of one event leave one after the other: what is shown in the end is what was written last. */
  function inTurn<Result>({ content }: RoomEvent, leave: () => Promise<Result>): Promise<Result> {
    const { rel_type, event_id } = (content["m.relates_to"] ?? {}) as Record<string, unknown>;
    if (rel_type !== "m.replace" || typeof event_id !== "string") return leave();
    const leaving = (edits.get(event_id) ?? Promise.resolve()).then(leave);
    const over = leaving.catch(() => {}).then(() => void (edits.get(event_id) === over && edits.delete(event_id)));
    edits.set(event_id, over);
    return leaving;
  }

  return {
    send: (room, event, transaction) => inTurn(event, () => leave(room, event, transaction)),
    async close() {
      isClosed = true;
      await Promise.all(sealing);
    },
  };
}
