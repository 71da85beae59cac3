import type { MatrixClient, MatrixEvent, Room } from "matrix-js-sdk";
import type { Quote } from "../../store/inbox.ts";
import { readIncoming } from "./incoming.ts";
import { safeName } from "./names.ts";
import type { People } from "./people.ts";

/** Brings the words that a message is about. */
export interface Quotes {
  /** The message that is answered; undefined when it cannot be had. */
  of(room: Room, event: string): Promise<Quote | undefined>;
  /** How a thread began: its root, and what was said in the room before it. */
  beforeThread(room: Room, root: string): Promise<Quote | undefined>;
}

const longestQuote = 2_000;
const linesBefore = 6;
const longestLine = 300;
const patienceMs = 5_000;

export function createQuotes(client: MatrixClient, people: People, userId: string): Quotes {
  async function find(room: Room, id: string): Promise<MatrixEvent | undefined> {
    const known = room.findEventById(id);
    if (known) return known;
    const fetched = client.fetchRoomEvent(room.roomId, id).then(async (raw) => {
      const event = client.getEventMapper()({ ...raw, room_id: room.roomId });
      await client.decryptEventIfNeeded(event);
      return event;
    });
    const patience = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), patienceMs).unref());
    return Promise.race([fetched, patience]).catch(() => undefined);
  }

  const nameOf = (room: Room, sender: string): string =>
    sender === userId
      ? "you"
      : `${safeName(room.getMember(sender)?.rawDisplayName) || "someone"} (${safeName(sender, 100)})`;

  const originOf = (sender: string): Quote["origin"] =>
    people.isOurs(sender) ? "agent" : (people.originOf(sender) ?? "guest");

  return {
    async of(room, id) {
      const event = await find(room, id);
      const said = event && wordsOf(event);
      if (!said) return undefined;
      const { sender, words } = said;
      const text = `[In answer to what ${nameOf(room, sender)} wrote:]\n${marked(cut(words, longestQuote))}`;
      return { events: [id], sender, origin: originOf(sender), text };
    },

    async beforeThread(room, root) {
      const event = await find(room, root);
      const said = event && wordsOf(event);
      if (!said) return undefined;
      const timeline = room.getLiveTimeline().getEvents();
      const at = timeline.findIndex((one) => one.getId() === root);
      const line = ({ sender, words }: Said): string => marked(`${nameOf(room, sender)}: ${cut(words, longestLine)}`);
      // Only of those whose words are trusted: what strangers said before is not a part of this.
      const before = timeline
        .slice(0, Math.max(at, 0))
        .flatMap((one) => wordsOf(one) ?? [])
        .filter(({ sender }) => people.isOwner(sender) || sender === userId)
        .slice(-linesBefore);
      const text = [
        ...(before.length > 0 ? ["[Said in the room before:]", ...before.map(line)] : []),
        `[This thread is about what ${nameOf(room, said.sender)} wrote:]`,
        marked(cut(said.words, longestQuote)),
      ].join("\n");
      const { sender } = said;
      return { events: [...before.map((one) => one.id), root], sender, origin: originOf(sender), text };
    },
  };
}

interface Said {
  id: string;
  sender: string;
  words: string;
}

function wordsOf(event: MatrixEvent): Said | undefined {
  const read = readIncoming(event);
  if (read?.kind !== "message") return undefined;
  // An edit that is known counts: that is what the person sees.
  const now = event.getContent().body;
  const words = read.repliesTo || typeof now !== "string" ? read.body : now;
  return { id: read.id, sender: read.sender, words };
}

function marked(text: string): string {
  return text.replace(/^/gm, "> ");
}

function cut(text: string, longest: number): string {
  const characters = [...text];
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join("")}…`;
}
