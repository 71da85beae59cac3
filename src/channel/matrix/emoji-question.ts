import type { MatrixClient } from "matrix-js-sdk";
import type { Logger } from "../../log.ts";
import { type Approvals, editOf } from "./approvals.ts";
import { formatMessage } from "./format.ts";
import type { Notices } from "./notices.ts";
import type { RoomEvent } from "./outlet.ts";
import type { People } from "./people.ts";
import { placeOf } from "./place.ts";
import { acceptVerifications, type Emoji } from "./verification.ts";

export interface EmojiQuestionOptions {
  channel: string;
  client: MatrixClient;
  people: People;
  approvals: Approvals;
  notices: Notices;
  log: Logger;
}

/** How long an owner may take to compare. */
const compareMs = 600_000;

/** Takes verifications that owners ask for: the emojis are put to them as a question, and their word confirms. */
export function askAboutEmojis(options: EmojiQuestionOptions): Disposable {
  const { channel, client, people, approvals, notices, log } = options;
  return acceptVerifications({
    client,
    log,
    isOwner: people.isOwner,
    onEmojis(emojis, confirm, cancel, { room }) {
      const seen = emojis.map(({ symbol, name }) => `${symbol} ${name}`).join(" · ");
      log.info("a verification is to be compared", { emojis: seen });
      const conversation = room ? `${channel}:${room}` : notices.home();
      const place = conversation === undefined ? undefined : placeOf(channel, conversation);
      if (conversation === undefined || !place) return void cancel();
      const ask = approvals.askIn({
        ...{ conversation, room: place.room, inbox: 0 },
        render: messageEvent,
        edit: (event, text) => editOf(event, messageEvent(text).content),
        // What this is for is to find out whether the homeserver lies.
        inWords: true,
      });
      const question = { call: { id: "", name: "", input: {} }, argumentsHash: "", text: questionText(emojis) };
      ask(question, AbortSignal.timeout(compareMs))
        .then((decision) => (decision === "yes" ? confirm() : cancel()))
        .catch((error) => log.warn("A verification failed", { error }));
    },
    onDone({ user, verified, reason }) {
      const how = verified ? `${user} and I have verified each other.` : `The verification came to nothing: ${reason}`;
      notices.tellHome(how);
    },
  });
}

function questionText(emojis: readonly Emoji[]): string {
  const lines = emojis.map(({ symbol, name }) => `- ${symbol} ${name}`).join("\n");
  return `You asked to verify me. Does your app show the same, in this order?\n\n${lines}`;
}

function messageEvent(text: string): RoomEvent {
  const [content] = formatMessage(text);
  return { type: "m.room.message", content: { ...content } };
}
