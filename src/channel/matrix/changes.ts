import type { Logger } from "../../log.ts";
import type { InboxRow } from "../../store/inbox.ts";
import type { Store } from "../../store/store.ts";
import type { Approvals } from "./approvals.ts";
import type { Attachments } from "./attachments.ts";
import { decisionOfKey } from "./decision.ts";
import type { Incoming } from "./incoming.ts";
import type { Notices } from "./notices.ts";
import type { Order, Orders } from "./orders.ts";
import type { People } from "./people.ts";
import type { ReceiveTime } from "./receive-time.ts";
import type { RoomView } from "./rooms.ts";

/** What an event does to an earlier one. `pending`: messages that were read with it and are not stored yet. */
export interface Changes {
  /** New words for a message: in its place while nobody works on it, to those who do, else offered as a correction. */
  edit(edit: Edit, view: RoomView, pending: readonly Order[]): void;
  /** Takes the words of a message and its files out of everything, and ends the work on it. */
  takeBack(redaction: Incoming & { kind: "redaction" }, pending: Order[]): Promise<void>;
  /** Decides a question, or accepts what was offered. */
  react(reaction: Incoming & { kind: "reaction" }): void;
}

type Edit = Incoming & { kind: "edit" };

export interface ChangesOptions {
  channel: string;
  agent: string;
  people: People;
  approvals: Approvals;
  attachments: Attachments;
  notices: Notices;
  orders: Orders;
  time: ReceiveTime;
  store: Pick<Store, "inbox" | "outbox" | "removal" | "transaction">;
  /** A row is stored: work on it. */
  onStored(row: number): void;
  /** A message was taken back: end the run that works on it. */
  withdraw(message: { agent: string; conversation: string; inbox: number }): void;
  log: Logger;
}

const correction = "[Correction of an earlier message.]";
const offer =
  "You changed a message that I have already dealt with. React with ✅ to this, and I take the change as a correction.";

export function createChanges(options: ChangesOptions): Changes {
  const { channel, agent, people, approvals, attachments, notices, orders, time, store, withdraw, log } = options;
  const { inbox } = store;
  /** The corrections of messages that were worked on, by the message. */
  const corrections = new Map<number, number>();

  function add({ id, sender, body, sentAt }: Edit, { conversation, origin }: InboxRow, view: RoomView) {
    const [text, at, { exposed }] = [`${correction}\n${body}`, time.bound(sentAt), view];
    return inbox.add({ channel, agent, event: id, conversation, sender, origin, text, at, exposed });
  }

  function offerCorrection(edit: Edit, of: InboxRow, view: RoomView): void {
    store.transaction(() => {
      const row = add(edit, of, view);
      if (row === undefined) return;
      inbox.done([row]);
      notices.tell(of.conversation, offer, { answers: [row], kind: "offer" });
    });
  }

  /** As if it were said now: it steers the run. Of several before that, the last counts. */
  function correct(edit: Edit, of: InboxRow, view: RoomView): void {
    const earlier = corrections.get(of.id);
    const isChanged = earlier !== undefined && inbox.edit(earlier, `${correction}\n${edit.body}`);
    if (isChanged) orders.note(edit, of.conversation);
    else steer(edit, of, view);
  }

  function steer(edit: Edit, of: InboxRow, view: RoomView): void {
    const row = add(edit, of, view);
    if (row === undefined) return;
    corrections.set(of.id, row);
    options.onStored(row);
  }

  return {
    edit(edit, view, pending) {
      const { id, of, sender, body } = edit;
      const waiting = pending.find(({ message }) => message.id === of);
      if (waiting) {
        if (waiting.message.sender === sender) waiting.message.body = body;
        return;
      }
      const row = inbox.find(channel, agent, of);
      // An edit of an edit is nothing.
      if (!row || row.sender !== sender || row.text.startsWith(correction)) return;
      const text = attachments.textOf(body, row);
      if (row.text === text || row.text === "") return;
      if (inbox.edit(row.id, text)) orders.note({ id, sender }, row.conversation);
      else if (row.doneAt === undefined) correct(edit, row, view);
      else offerCorrection(edit, row, view);
    },

    async takeBack({ of, sender }, pending) {
      const waiting = pending.findIndex(({ message }) => message.id === of);
      if (waiting !== -1) pending.splice(waiting, 1);
      if (people.isOwner(sender)) {
        const asked = approvals.takenBack(of);
        if (asked) withdraw({ agent, ...asked });
      }
      const row = inbox.find(channel, agent, of);
      if (!row) return;
      // First, because they are known by the row; after a crash the redaction comes again.
      await attachments.forget(row);
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
