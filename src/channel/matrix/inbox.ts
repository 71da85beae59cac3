import type { MatrixEvent, Room } from "matrix-js-sdk";
import type { Logger } from "../../log.ts";
import type { Quote } from "../../store/inbox.ts";
import type { Store } from "../../store/store.ts";
import { isAddressed } from "./addressed.ts";
import type { Approvals } from "./approvals.ts";
import { decisionOfKey } from "./decision.ts";
import { type Incoming, type IncomingMessage, readIncoming } from "./incoming.ts";
import { safeName } from "./names.ts";
import { hourMs, type Notices } from "./notices.ts";
import type { People } from "./people.ts";
import { conversationOf } from "./place.ts";
import type { Quotes } from "./quotes.ts";
import type { ReceiveTime } from "./receive-time.ts";
import type { RoomBook, RoomView } from "./rooms.ts";
import type { Trust } from "./trust.ts";

/** Decides what each event of an account is: an order, an answer to a question, a change of an earlier one, or nothing. */
export interface InboxReader {
  /** Events of one room in the order of its timeline. What they mean is stored when it resolves. */
  read(room: Room, events: readonly MatrixEvent[], gap?: { count: number; complete: boolean }): Promise<void>;
  /** An event whose key came late. */
  readLate(room: Room, event: MatrixEvent): Promise<void>;
  /** An event whose key is not here yet. */
  waitForKey(room: Room, event: MatrixEvent): Promise<void>;
}

export interface InboxOptions {
  channel: string;
  agent: string;
  userId: string;
  /** By which it is called in a larger room. */
  names: readonly string[];
  people: People;
  rooms: RoomBook;
  quotes: Quotes;
  trust: Trust;
  approvals: Approvals;
  notices: Notices;
  time: ReceiveTime;
  store: Pick<Store, "inbox" | "outbox" | "log" | "sessions" | "settings" | "removal" | "transaction">;
  /** Rooms that are not encrypted are not answered. */
  encryptedOnly: boolean;
  /** The first sync of this start is not over: what comes now came while the program was away. */
  isCatchingUp(): boolean;
  /** What came while away and is older than this is listed instead of answered. */
  answerMs: number;
  /** A row is stored: work on it. */
  onStored(row: number): void;
  /** A message was taken back: end the run that works on it. */
  withdraw(message: { agent: string; conversation: string; inbox: number }): void;
  onTombstone(room: Room, tombstone: Incoming & { kind: "tombstone" }): Promise<void>;
  now(): Date;
  log: Logger;
}

type Message = Incoming & IncomingMessage;

/** An order that is read, and not stored yet. */
interface Order {
  message: Message;
  view: RoomView;
  conversation: string;
  quote: Quote | undefined;
  at: Date;
}

/** More than this at once is listed. */
const mostAtOnce = 200;

export function createInboxReader(options: InboxOptions): InboxReader {
  const { channel, agent, userId, people, rooms, approvals, notices, store, time, now, log } = options;
  const { inbox } = store;

  const known = (event: string) => inbox.find(channel, agent, event);

  async function read(
    room: Room,
    events: readonly MatrixEvent[],
    gap?: { count: number; complete: boolean },
  ): Promise<void> {
    const view = await rooms.view(room);
    const from = firstOfInterest(events);
    const orders: Order[] = [];
    for (const [index, event] of events.entries()) {
      const order = await readOne(room, view, event, index < from, orders);
      if (order) orders.push(order);
    }
    approvals.settle();
    take(orders, view, options.isCatchingUp() || gap !== undefined);
    if (gap && !gap.complete && view.mode === "open")
      notices.tell(conversationOf(channel, { room: view.id }), tooMuchMissed);
    if (!options.isCatchingUp()) time.heard();
  }

  /**
   * What stands before this is older than what was dealt with, or than our being there: a timeline is in the order in
   * which the server has it, whatever times its events claim.
   */
  function firstOfInterest(events: readonly MatrixEvent[]): number {
    const dealtWith = events.findLastIndex((event) => known(event.getId() ?? "") !== undefined);
    const arrival = events.findIndex(isOurArrival);
    return Math.max(dealtWith, arrival, 0);
  }

  function isOurArrival(event: MatrixEvent): boolean {
    return event.getType() === "m.room.member" && event.getStateKey() === userId;
  }

  async function readOne(
    room: Room,
    view: RoomView,
    event: MatrixEvent,
    old: boolean,
    pending: Order[],
  ): Promise<Order | undefined> {
    const incoming = readIncoming(event);
    if (!incoming || people.isOurs(incoming.sender)) return undefined;
    const { id, sender, kind } = incoming;
    if (kind === "encryption") return void rooms.setEncrypted(view.id);
    if (kind === "tombstone") return void (await options.onTombstone(room, incoming));
    const origin = people.originOf(sender);
    if (!origin || (view.exposed && origin !== "owner")) return void log.info("Ignored", { sender, event: id });
    if (kind === "redaction") return void takeBack(incoming, pending);
    if (known(id) || view.mode === "off") return undefined;
    if (old || kind === "unreadable") return undefined;
    if (kind === "reaction") return void react(incoming);
    if (options.encryptedOnly && !view.encrypted) return void refuseUnencrypted(incoming, view);

    if (!(await isGenuine(incoming, view))) return undefined;
    if (kind === "edit") return void edit(incoming, view, pending);
    return orderOf(room, view, incoming, event);
  }

  async function orderOf(room: Room, view: RoomView, message: Message, event: MatrixEvent): Promise<Order | undefined> {
    const { id, sender, msgtype, thread } = message;
    // Notices are what programs write: to answer them would go round for ever.
    if (msgtype === "m.notice" || (message.body.trim() === "" && !message.file)) return undefined;
    const conversation = conversationOf(channel, { room: view.id, thread });
    const isCommand = /^[/!][a-z]/i.test(message.body);
    if (people.isOwner(sender) && !isCommand && !options.isCatchingUp()) {
      const decided = await decide(view, message, conversation, event);
      if (decided === "settled") return void note(message, conversation);
    }
    const at = time.bound(message.sentAt);
    const quote = await quoteFor(room, view, message, conversation);
    const order = { message, view, conversation, quote, at };
    if (view.mode === "open") return order;
    if (view.mode === "mention" && (isMeant(message, quote, conversation) || isCommand)) return order;
    if (view.mode === "listen") listen(order);
    log.debug("Not addressed", { sender, event: id });
    return undefined;
  }

  async function decide(view: RoomView, message: Message, conversation: string, event: MatrixEvent) {
    const trusted = !view.encrypted || (await options.trust.isFromTrustedDevice(event));
    if (trusted) return approvals.said(message, { conversation, ofTwo: view.ofTwo });
    const hint = "decide it by a reaction, or verify the device first (`memtrix doctor devices --trust`)";
    if (approvals.isAbout(message))
      notices.tell(
        conversation,
        `I do not take this as an answer to my question, because it comes from a device that its owner has not signed: ${hint}.`,
      );
    return undefined;
  }

  function isMeant(message: Message, quote: Quote | undefined, conversation: string): boolean {
    if (isAddressed(message, { userId, names: options.names })) return true;
    if (message.repliesTo && quote?.sender === userId) return true;
    return message.thread !== undefined && inbox.knows(channel, agent, conversation);
  }

  async function quoteFor(room: Room, view: RoomView, { thread, repliesTo }: Message, conversation: string) {
    if (view.mode === "off") return undefined;
    if (repliesTo) return options.quotes.of(room, repliesTo);
    if (thread && !inbox.knows(channel, agent, conversation)) return options.quotes.beforeThread(room, thread);
    return undefined;
  }

  /** Unencrypted words in an encrypted room, and words under another identity than before, are nobody's orders. */
  async function isGenuine({ id, sender, encrypted }: Incoming, view: RoomView): Promise<boolean> {
    if (!view.encrypted) return true;
    if (!encrypted) {
      log.warn("Unencrypted in an encrypted room: not followed", { sender, event: id });
      notices.tellHome(
        `Something came unencrypted into the encrypted room ${view.name || view.id}, in the name of ${safeName(sender, 100)}. I have not followed it.`,
        { subject: `plain ${view.id}`, everyMs: hourMs },
      );
      return false;
    }
    if (!(await options.trust.identityChanged(sender))) return true;
    log.warn("The identity of a person has changed: not followed", { sender, event: id });
    notices.tellHome(
      `The keys of ${safeName(sender, 100)} are not those that I knew. I follow nothing from there until that is confirmed on my machine: \`memtrix doctor devices --trust\`.`,
      { subject: `identity ${sender}`, everyMs: hourMs },
    );
    return false;
  }

  function refuseUnencrypted({ id, sender }: Incoming, view: RoomView): void {
    log.info("The room is not encrypted: not answered", { sender, event: id });
    notices.tellHome(`I do not answer in ${view.name || view.id}: it is not encrypted, and the config asks for that.`, {
      subject: `unencrypted ${view.id}`,
      everyMs: hourMs,
    });
  }

  async function waitForKey(room: Room, event: MatrixEvent): Promise<void> {
    if (!people.originOf(event.getSender() ?? "")) return;
    const { name, id } = await rooms.view(room);
    notices.tellHome(
      `I cannot read a message in ${name || id} yet: its key has not reached me. I asked for it, and answer when it comes.`,
      { subject: `unreadable ${id}`, everyMs: hourMs },
    );
  }

  function react(reaction: Incoming & { kind: "reaction" }): void {
    const { sender, of, key } = reaction;
    const offer = store.outbox.find(channel, of);
    const [offered] = offer?.kind === "offer" && offer.agent === agent ? offer.answers : [];
    const row = offered === undefined ? undefined : inbox.get(offered);
    if (row && row.sender === sender && row.run === undefined && row.text !== "" && decisionOfKey(key) === "yes") {
      inbox.reopen(row.id);
      options.onStored(row.id);
    } else if (people.isOwner(sender)) approvals.reacted(reaction);
  }

  function edit({ id, of, sender, body, sentAt }: Incoming & { kind: "edit" }, view: RoomView, pending: Order[]): void {
    const waiting = pending.find(({ message }) => message.id === of);
    if (waiting) {
      if (waiting.message.sender === sender) waiting.message.body = body;
      return;
    }
    const row = known(of);
    if (!row || row.sender !== sender || row.text === body) return;
    if (inbox.edit(row.id, body)) {
      note({ id, sender }, row.conversation);
      return;
    }
    const { conversation, origin } = row;
    store.transaction(() => {
      const text = `[Correction of an earlier message.]\n${body}`;
      const exposed = view.exposed;
      const offered = inbox.add({
        channel,
        agent,
        event: id,
        conversation,
        sender,
        origin,
        text,
        at: time.bound(sentAt),
        exposed,
      });
      if (offered === undefined) return;
      inbox.done([offered]);
      const question =
        "You changed a message that I have already dealt with. React with ✅ to this, and I take the change as a correction.";
      notices.tell(conversation, question, { answers: [offered], kind: "offer" });
    });
  }

  function takeBack({ of, sender }: Incoming & { kind: "redaction" }, pending: Order[]): void {
    const waiting = pending.findIndex(({ message }) => message.id === of);
    if (waiting !== -1) pending.splice(waiting, 1);
    if (people.isOwner(sender)) {
      const asked = approvals.takenBack(of);
      if (asked) options.withdraw({ agent, ...asked });
    }
    const row = known(of);
    if (!row) return;
    store.removal.remove(row);
    options.withdraw({ agent, conversation: row.conversation, inbox: row.id });
    log.info("Removed", { sender, event: of });
  }

  /** Dealt with here: it must not be taken for a message when it comes again. */
  function note({ id, sender }: Pick<Message, "id" | "sender">, conversation: string): void {
    const origin = people.originOf(sender) ?? "guest";
    const row = inbox.add({ channel, agent, event: id, conversation, sender, origin, text: "", at: now() });
    if (row !== undefined) inbox.done([row]);
  }

  /** Keeps what was said, without answering it. */
  function listen(order: Order): void {
    store.transaction(() => {
      const row = add(order);
      if (row === undefined) return;
      inbox.done([row]);
      const { conversation, message, at } = order;
      const session = store.sessions.current(agent, conversation).id;
      const { sender } = message;
      const origin = people.originOf(sender) ?? "guest";
      store.log.append([{ session, run: undefined, at, role: "user", sender, origin, text: wordsOf(message) }]);
    });
  }

  function add({ message, conversation, quote, at, view }: Order): number | undefined {
    const { id, sender, file } = message;
    return inbox.add({
      ...{ channel, agent, event: id, conversation, sender, quote, at, exposed: view.exposed },
      ...{ origin: people.originOf(sender) ?? "guest", text: wordsOf(message) },
      attachments: file ? [file] : undefined,
    });
  }

  function take(orders: Order[], view: RoomView, wasAway: boolean): void {
    const oldest = now().getTime() - options.answerMs;
    const tooMany = wasAway && orders.length > mostAtOnce;
    const [listed, fresh] = [[] as Order[], [] as Order[]];
    for (const order of orders) (tooMany || order.at.getTime() < oldest ? listed : fresh).push(order);
    store.transaction(() => {
      for (const order of listed) listen(order);
      const [first] = listed;
      if (first) notices.tell(conversationOf(channel, { room: view.id }), listOf(listed));
    });
    const rows = store.transaction(() => fresh.map(add));
    for (const row of rows) if (row !== undefined) options.onStored(row);
  }

  return {
    read,
    waitForKey,
    async readLate(room, event) {
      if (known(event.getId() ?? "")) return;
      const view = await rooms.view(room);
      const order = await readOne(room, view, event, false, []);
      approvals.settle();
      if (order) take([order], view, false);
    },
  };
}

function wordsOf({ msgtype, body }: Pick<Message, "msgtype" | "body">): string {
  return msgtype === "m.emote" ? `* ${body}` : body;
}

const tooMuchMissed =
  "More was written here while I was away than I can fetch: I know nothing of the oldest part of it.";
const mostListed = 20;
const longestListed = 80;

function listOf(orders: readonly Order[]): string {
  const lines = orders.slice(0, mostListed).map(({ message, at }) => {
    const words = safeName(message.body, longestListed) || "(a file)";
    return `- ${at.toISOString().slice(0, 16).replace("T", " ")} UTC: ${words}`;
  });
  const more = orders.length > mostListed ? `\n- and ${orders.length - mostListed} more` : "";
  return `While I was away these came. I kept them, and have not answered them; write again what still matters:\n\n${lines.join("\n")}${more}`;
}
