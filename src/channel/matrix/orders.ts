import { named, type Origin } from "../../origin.ts";
import type { NewMessage, Quote } from "../../store/inbox.ts";
import type { Store } from "../../store/store.ts";
import { attachmentOf } from "./attachments.ts";
import type { Incoming, IncomingMessage } from "./incoming.ts";
import { safeName } from "./names.ts";
import type { Notices } from "./notices.ts";
import type { People } from "./people.ts";
import { conversationOf } from "./place.ts";
import type { RoomView } from "./rooms.ts";

export type Message = Incoming & IncomingMessage;

/** A message that the agent is to work on: read, and not stored yet. */
export interface Order {
  message: Message;
  view: RoomView;
  conversation: string;
  quote: Quote | undefined;
  at: Date;
  origin: Origin;
  /** What its sender is called where it is read, if not by the id: another agent. */
  speaker?: string | undefined;
  /** The accounts that were asked in the same message, before this one. */
  after?: readonly string[] | undefined;
}

/** Stores what was read. */
export interface Orders {
  /** Stores these, in order; what is too old or too much is kept and listed instead of answered. */
  take(orders: readonly Order[], view: RoomView, wasAway: boolean): void;
  /** Keeps what was said, without answering it. */
  listen(order: Order): void;
  /** An event is dealt with: it must not be taken for a message when it comes again. */
  note(event: Pick<Message, "id" | "sender">, conversation: string): void;
  /** The row is not new, and is wanted. */
  reopen(row: number): void;
}

export interface OrdersOptions {
  channel: string;
  agent: string;
  people: People;
  notices: Notices;
  store: Pick<Store, "inbox" | "log" | "sessions" | "transaction">;
  /** What came while away and is older than this is listed instead of answered. */
  answerMs: number;
  /** A program that had this account after the backup that we come from has answered this message: it is kept. */
  isAnswered(event: string): boolean;
  /** A row is stored: work on it. `after`: others who are to speak before. */
  onStored(row: number, after?: readonly string[]): void;
  now(): Date;
}

/** More than this at once is listed. */
const mostAtOnce = 200;

export function createOrders(options: OrdersOptions): Orders {
  const { channel, agent, people, notices, store, onStored, now } = options;
  const { inbox } = store;
  const originOf = (sender: string): NewMessage["origin"] => people.originOf(sender) ?? "guest";

  function add(order: Order): number | undefined {
    const { message, conversation, quote, at, view, origin } = order;
    const { id, file } = message;
    const sender = speakerOf(order);
    return inbox.add({
      ...{ channel, agent, event: id, conversation, sender, quote, at, exposed: view.exposed },
      ...{ origin, text: wordsOf(message), attachments: file ? [attachmentOf(file)] : undefined },
    });
  }

  function listen(order: Order): void {
    store.transaction(() => {
      const row = add(order);
      if (row === undefined) return;
      inbox.done([row]);
      const { conversation, message, at, origin } = order;
      const sender = speakerOf(order);
      const session = store.sessions.current(agent, conversation).id;
      const text = named(sender, origin, wordsOf(message));
      store.log.append([{ session, run: undefined, at, role: "user", sender, origin, text }]);
    });
  }

  return {
    listen,
    take(read, view, wasAway) {
      for (const order of read) if (options.isAnswered(order.message.id)) listen(order);
      const orders = read.filter(({ message }) => !options.isAnswered(message.id));
      const oldest = now().getTime() - options.answerMs;
      const tooMany = wasAway && orders.length > mostAtOnce;
      const isListed = ({ at }: Order): boolean => tooMany || at.getTime() < oldest;
      const listed = orders.filter(isListed);
      const rows = store.transaction(() => {
        for (const order of listed) listen(order);
        // It is all the answer that these get: as one it leaves, however much waits.
        if (listed.length > 0)
          notices.tell(conversationOf(channel, { room: view.id }), listOf(listed), { answers: [], kind: "answer" });
        return orders.filter((order) => !isListed(order)).map((order) => ({ row: add(order), after: order.after }));
      });
      for (const { row, after } of rows) if (row !== undefined) onStored(row, after);
    },
    note({ id, sender }, conversation) {
      const origin = originOf(sender);
      const row = inbox.add({ channel, agent, event: id, conversation, sender, origin, text: "", at: now() });
      if (row !== undefined) inbox.done([row]);
    },
    reopen(row) {
      inbox.reopen(row);
      onStored(row);
    },
  };
}

function speakerOf({ speaker, message }: Order): string {
  return speaker ?? message.sender;
}

function wordsOf({ msgtype, body }: Pick<Message, "msgtype" | "body">): string {
  return msgtype === "m.emote" ? `* ${body}` : body;
}

const mostListed = 20;
const longestListed = 80;

function listOf(orders: readonly Order[]): string {
  const lines = orders.slice(0, mostListed).map(({ message, at }) => {
    const words = safeName(message.body, longestListed) || "(a file)";
    return `- ${at.toISOString().slice(0, 16).replace("T", " ")} UTC: ${words}`;
  });
  if (orders.length > mostListed) lines.push(`- and ${orders.length - mostListed} more`);
  return `While I was away these came. I kept them, and have not answered them; write again what still matters:\n\n${lines.join("\n")}`;
}
