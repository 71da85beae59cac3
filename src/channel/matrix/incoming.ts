import type { MatrixEvent } from "matrix-js-sdk";
import { z } from "zod";
import { readableBody } from "./readable-body.ts";

/** What one event says, as far as it concerns an agent. */
export type Incoming = IncomingBase &
  (
    | IncomingMessage
    /** `body` replaces what the event `of` said. */
    | { kind: "edit"; of: string; body: string }
    | { kind: "reaction"; of: string; key: string }
    | { kind: "redaction"; of: string }
    | { kind: "tombstone"; replacement: string }
    | { kind: "encryption" }
    /** It is encrypted, and its key is not here. */
    | { kind: "unreadable" }
  );

export interface IncomingMessage {
  kind: "message";
  msgtype: string;
  /** Without the fallback of a reply. */
  body: string;
  thread: string | undefined;
  /** The event that it answers, chosen by the person: not the fallback of a thread. */
  repliesTo: string | undefined;
  /** Full ids that it mentions by intent. */
  mentions: string[];
  /** It mentions everybody in the room. */
  mentionsRoom: boolean;
  /** The content, when a file came with it. */
  file: Record<string, unknown> | undefined;
}

interface IncomingBase {
  id: string;
  room: string;
  sender: string;
  /** As the sender's server claims. */
  sentAt: Date;
  /** It came encrypted. */
  encrypted: boolean;
}

const id = z.string().min(1).max(255);
const relation = z.object({
  rel_type: z.string().optional(),
  event_id: id.optional(),
  key: z.string().max(100).optional(),
  is_falling_back: z.boolean().optional(),
  "m.in_reply_to": z.object({ event_id: id }).optional(),
});
const message = z.looseObject({
  msgtype: z.string().max(100),
  body: z.string(),
  url: z.string().optional(),
  file: z.record(z.string(), z.unknown()).optional(),
  "m.relates_to": relation.optional().catch(undefined),
  "m.mentions": z
    .object({ user_ids: z.array(z.string()).max(100).catch([]), room: z.boolean().catch(false) })
    .partial()
    .optional()
    .catch(undefined),
  "m.new_content": z.looseObject({ msgtype: z.string(), body: z.string() }).optional().catch(undefined),
});

const fileTypes = new Set(["m.file", "m.image", "m.audio", "m.video"]);

/** Reads an event; undefined when it is none that concerns an agent, or not of the form it should have. */
export function readIncoming(event: MatrixEvent): Incoming | undefined {
  const base: IncomingBase = {
    id: event.getId() ?? "",
    room: event.getRoomId() ?? "",
    sender: event.getSender() ?? "",
    sentAt: new Date(event.getTs()),
    encrypted: event.isEncrypted(),
  };
  if (!base.id || !base.room || !base.sender || Number.isNaN(base.sentAt.getTime())) return undefined;
  if (event.isRedacted()) return undefined;
  if (event.isDecryptionFailure()) return { ...base, kind: "unreadable" };
  // Not getContent(): that is what a later edit has made of it.
  const content = event.getOriginalContent();
  switch (event.getType()) {
    case "m.room.message":
      return event.isState() ? undefined : messageOf(base, content);
    case "m.reaction":
      return reactionOf(base, content);
    case "m.room.redaction": {
      const of = id.safeParse(event.event.redacts ?? content.redacts);
      return of.success ? { ...base, kind: "redaction", of: of.data } : undefined;
    }
    case "m.room.tombstone": {
      const replacement = id.safeParse(content.replacement_room);
      return replacement.success && event.isState()
        ? { ...base, kind: "tombstone", replacement: replacement.data }
        : undefined;
    }
    case "m.room.encryption":
      return event.isState() ? { ...base, kind: "encryption" } : undefined;
    case "m.room.encrypted":
      return { ...base, kind: "unreadable" };
    default:
      return undefined;
  }
}

function messageOf(base: IncomingBase, content: unknown): Incoming | undefined {
  const { success, data } = message.safeParse(content);
  if (!success) return undefined;
  const relates = data["m.relates_to"];
  if (relates?.rel_type === "m.replace") {
    const replacement = data["m.new_content"];
    if (!replacement || !relates.event_id) return undefined;
    return { ...base, kind: "edit", of: relates.event_id, body: readableBody(replacement) };
  }
  const thread = relates?.rel_type === "m.thread" ? relates.event_id : undefined;
  const answered = relates?.["m.in_reply_to"]?.event_id;
  const repliesTo = thread && relates?.is_falling_back ? undefined : answered;
  return {
    ...base,
    kind: "message",
    msgtype: data.msgtype,
    body: readableBody(content),
    ...{ thread, repliesTo },
    mentions: data["m.mentions"]?.user_ids ?? [],
    mentionsRoom: data["m.mentions"]?.room ?? false,
    file: fileTypes.has(data.msgtype) && (data.url || data.file) ? (content as Record<string, unknown>) : undefined,
  };
}

function reactionOf(base: IncomingBase, content: Record<string, unknown>): Incoming | undefined {
  const { success, data } = relation.safeParse(content["m.relates_to"]);
  if (!success || data.rel_type !== "m.annotation" || !data.event_id || !data.key) return undefined;
  return { ...base, kind: "reaction", of: data.event_id, key: data.key };
}
