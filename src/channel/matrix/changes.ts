import type { Logger } from "../../log.ts";
import type { InboxRow } from "../../store/inbox.ts";
import type { Store } from "../../store/store.ts";
import type { Approvals } from "./approvals.ts";
import { decisionOfKey } from "./decision.ts";
import type { Incoming } from "./incoming.ts";
import type { Notices } from "./notices.ts";
import type { Order, Orders } from "./orders.ts";
import type { People } from "./people.ts";
import type { ReceiveTime } from "./receive-time.ts";
import type { RoomView } from "./rooms.ts";

/** What an event does to an earlier one. `pending`: messages that were read with it and are not stored yet. */
export interface Changes {
  /** New words for a message: in its place while nobody works on it, else offered as a correction. */
  edit(edit: Incoming & { kind: "edit" }, view: RoomView, pending: readonly Order[]): void;
  /** Takes the words of a message out of everything, and ends the work on it. */
  takeBack(redaction: Incoming & { kind: "redaction" }, pending: Order[]): void;
  /** Decides a question, or accepts what was offered. */
  react(reaction: Incoming & { kind: "reaction" }): void;
}

export interface ChangesOptions {
  channel: string;
  agent: string;
  people: People;
  approvals: Approvals;
  notices: Notices;
  orders: Orders;
  time: ReceiveTime;
  store: Pick<Store, "inbox" | "outbox" | "removal" | "transaction">;
  /** A message was taken back: end the run that works on it. */
  withdraw(message: { agent: string; conversation: string; inbox: number }): void;
  log: Logger;
}

const offer =
  "You changed a message that I have already dealt with. React with ✅ to this, and I take the change as a correction.";

export function createChanges(options: ChangesOptions): Changes {
  const { channel, agent, people, approvals, notices, orders, time, store, withdraw, log } = options;
  const { inbox } = store;

  function offerCorrection({ id, sender, body, sentAt }: Incoming & { kind: "edit" }, of: InboxRow, view: RoomView) {
    const { conversation, origin } = of;
    const text = `[Correction of an earlier message.]\n${body}`;
    const at = time.bound(sentAt);
    store.transaction(() => {
      const { exposed } = view;
      const row = inbox.add({ channel, agent, event: id, conversation, sender, origin, text, at, exposed });
      if (row === undefined) return;
      inbox.done([row]);
      notices.tell(conversation, offer, { answers: [row], kind: "offer" });
    });
  }

  return {
    edit(edit, view, pending) {
      const { id, of, sender, body } = edit;
      const waiting = pending.find(({ message }) => message.id === of);
      if (waiting) {
        if (waiting.message.sender === sender) waiting.message.body = body;
        return;
      }
      // Of an edit there is no row, so that an edit of an edit is nothing.
      const row = inbox.find(channel, agent, of);
      if (!row || row.sender !== sender || row.text === body) return;
      if (inbox.edit(row.id, body)) orders.note({ id, sender }, row.conversation);
      else if (row.text !== "") offerCorrection(edit, row, view);
    },

    takeBack({ of, sender }, pending) {
      const waiting = pending.findIndex(({ message }) => message.id === of);
      if (waiting !== -1) pending.splice(waiting, 1);
      if (people.isOwner(sender)) {
        const asked = approvals.takenBack(of);
        if (asked) withdraw({ agent, ...asked });
      }
      const row = inbox.find(channel, agent, of);
      if (!row) return;
      store.removal.remove(row);
      withdraw({ agent, conversation: row.conversation, inbox: row.id });
      log.info("Removed", { sender, event: of });
    },

    react(reaction) {
      const { sender, of, key } = reaction;
      const accepted = store.outbox.find(channel, of);
      const [id] = accepted?.kind === "offer" && accepted.agent === agent ? accepted.answers : [];
      const row = id === undefined ? undefined : inbox.get(id);
      const isOffered = row?.sender === sender && row.run === undefined && row.text !== "" && row.doneAt !== undefined;
      if (row && isOffered && decisionOfKey(key) === "yes") orders.reopen(row.id);
      else if (people.isOwner(sender)) approvals.reacted(reaction);
    },
  };
}
