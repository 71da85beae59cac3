import type { MatrixEvent, Room } from "matrix-js-sdk";
import type { Logger } from "../../log.ts";
import type { Quote } from "../../store/inbox.ts";
import type { Store } from "../../store/store.ts";
import { commandIn, isAddressed } from "./addressed.ts";
import type { Approvals } from "./approvals.ts";
import type { Attachments } from "./attachments.ts";
import { createChanges } from "./changes.ts";
import { decisionIn } from "./decision.ts";
import { createGenuine } from "./genuine.ts";
import { createGuestPace } from "./guest-pace.ts";
import { type Incoming, readIncoming } from "./incoming.ts";
import { hourMs, type Notices } from "./notices.ts";
import { createOrders, type Message, type Order } from "./orders.ts";
import type { Peer, Peers } from "./peers.ts";
import type { People } from "./people.ts";
import { conversationOf } from "./place.ts";
import type { Quotes } from "./quotes.ts";
import type { ReceiveTime } from "./receive-time.ts";
import type { RoomBook, RoomView } from "./rooms.ts";
import type { Trust } from "./trust.ts";
import type { Turns } from "./turns.ts";

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
  peers: Peers;
  turns: Turns;
  rooms: RoomBook;
  quotes: Quotes;
  trust: Trust;
  approvals: Approvals;
  attachments: Attachments;
  notices: Notices;
  time: ReceiveTime;
  store: Pick<Store, "inbox" | "outbox" | "log" | "sessions" | "settings" | "removal" | "transaction">;
  /** Rooms that are not encrypted are not answered. */
  encryptedOnly: boolean;
  /** The first sync of this start is not over: what comes now came while the program was away. */
  isCatchingUp(): boolean;
  /** A program that had this account after the backup that we come from has answered this message. */
  isAnswered(event: string): boolean;
  /** What came while away and is older than this is listed instead of answered. */
  answerMs: number;
  /** A row is stored: work on it. `after`: others who are to speak before. */
  onStored(row: number, after?: readonly string[]): void;
  /** Ends what is under way in a conversation; true when there was something. */
  stop(conversation: string): boolean;
  /** A message was taken back: end the run that works on it. */
  withdraw(message: { agent: string; conversation: string; inbox: number }): void;
  onTombstone(room: Room, tombstone: Incoming & { kind: "tombstone" }): Promise<void>;
  now(): Date;
  log: Logger;
}

export function createInboxReader(options: InboxOptions): InboxReader {
  const { channel, agent, userId, people, rooms, approvals, notices, store, time, log } = options;
  const { inbox } = store;
  const isGenuine = createGenuine(options);
  const orders = createOrders(options);
  const guestPace = createGuestPace(options.now);
  const changes = createChanges({ ...options, orders });

  const me = { userId, names: options.names };
  const known = (event: string) => inbox.find(channel, agent, event);

  async function read(
    room: Room,
    events: readonly MatrixEvent[],
    gap?: { count: number; complete: boolean },
  ): Promise<void> {
    const view = await rooms.view(room);
    const from = firstOfInterest(events);
    const found: Order[] = [];
    for (const [index, event] of events.entries()) {
      const order = await readOne(room, view, event, index < from, found);
      if (order) found.push(order);
    }
    approvals.settle();
    orders.take(found, view, options.isCatchingUp() || gap !== undefined);
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

  /** Not a new picture or name of ours, which comes as a membership too. */
  function isOurArrival(event: MatrixEvent): boolean {
    if (event.getType() !== "m.room.member" || event.getStateKey() !== userId) return false;
    return event.getPrevContent().membership !== "join";
  }

  async function readOne(
    room: Room,
    view: RoomView,
    event: MatrixEvent,
    old: boolean,
    pending: Order[],
  ): Promise<Order | undefined> {
    const incoming = readIncoming(event);
    if (!incoming || incoming.sender === userId) return undefined;
    const { id, sender, kind } = incoming;
    if (people.isOurs(sender)) {
      const isSaid = kind === "message" && (await isGenuine(incoming, view));
      return isSaid ? wordsOfPeer(view, incoming, event, old) : undefined;
    }
    if (kind === "encryption") return void rooms.setEncrypted(view.id);
    if (kind === "tombstone") return void (await options.onTombstone(room, incoming));
    const origin = people.originOf(sender);
    if (!origin || (view.exposed && origin !== "owner")) return void log.info("Ignored", { sender, event: id });
    if (kind === "redaction") return void (await changes.takeBack(incoming, pending));
    if (known(id) || view.mode === "off") return undefined;
    if (old || kind === "unreadable") return undefined;
    if (kind === "reaction") return void changes.react(incoming);
    if (!(await isGenuine(incoming, view))) return undefined;
    if (origin === "guest" && isTooMuch(incoming, view)) return undefined;
    if (kind === "edit") return void changes.edit(incoming, view, pending);
    return orderOf(room, view, incoming, event, pending);
  }

  /** One who is no owner is not listened to without end; what is too much is kept nowhere. */
  function isTooMuch({ id, sender, room }: Incoming, view: RoomView): boolean {
    const verdict = guestPace.take(sender);
    if (verdict === "fine") return false;
    log.info("Ignored: too many in a minute", { sender, event: id });
    if (verdict === "tell" && view.mode !== "listen")
      notices.tell(
        conversationOf(channel, { room }),
        "That is more than I can answer: ten messages a minute. Write again in a minute.",
      );
    return true;
  }

  /** What another agent says is heard, and answered where it mentions this one, so often as that is allowed. */
  function wordsOfPeer(view: RoomView, message: Message, event: MatrixEvent, old: boolean): Order | undefined {
    const { id, sender, msgtype, thread, sentAt } = message;
    if (known(id) || view.mode === "off" || msgtype === "m.notice" || message.body.trim() === "") return undefined;
    options.turns.spoke(view.id, sender);
    if (old) return undefined;
    const order: Order = {
      ...{ message, view, at: time.bound(sentAt), quote: undefined },
      conversation: conversationOf(channel, { room: view.id, thread }),
      origin: options.peers.originOf(event.getOriginalContent()),
      speaker: `${people.agentOf(sender)?.name} (${sender})`,
    };
    const isAsked = message.mentions.includes(userId) && !options.isCatchingUp();
    if (isAsked && options.peers.handOn(view.id)) return order;
    orders.listen(order);
    return undefined;
  }

  async function orderOf(
    room: Room,
    view: RoomView,
    message: Message,
    event: MatrixEvent,
    pending: Order[],
  ): Promise<Order | undefined> {
    const { id, sender, msgtype, thread } = message;
    // Notices are what programs write: to answer them would go round for ever.
    if (msgtype === "m.notice" || (message.body.trim() === "" && !message.file)) return undefined;
    const conversation = conversationOf(channel, { room: view.id, thread });
    const command = commandIn(message.body, me);
    if (people.isOwner(sender) && command === undefined && !options.isCatchingUp()) {
      const decided = await decide(view, message, conversation, event);
      if (decided === "settled") return void orders.note(message, conversation);
    }
    const origin = people.originOf(sender) ?? "guest";
    const isStop = origin === "owner" && command !== undefined && /^[/!]stop$/i.test(command.trim());
    if (isStop) options.peers.silence(view.id);
    else options.peers.personSpoke(view.id, id);
    if (isStop && view.mode === "mention" && stopHere(conversation, pending)) {
      orders.note(message, conversation);
      return void notices.tell(conversation, "Stopped.");
    }
    const at = time.bound(message.sentAt);
    const quote = await quoteFor(room, view, message, conversation);
    const order: Order = {
      message: { ...message, body: command ?? message.body },
      view,
      conversation,
      quote,
      at,
      origin,
    };
    if (view.mode === "open") return order;
    // A command too: several agents may be there.
    if (view.mode === "mention" && isMeant(room, message, quote, conversation))
      return { ...order, after: askedBefore(message, options.peers.in(view.id)) };
    // Those that do nothing keep silent.
    if (isStop) return void orders.note(message, conversation);
    // Several agents talk with one another here: each knows what was said.
    if (view.mode === "listen" || (command === undefined && options.peers.in(view.id).length > 0)) orders.listen(order);
    log.debug("Not addressed", { sender, event: id });
    return undefined;
  }

  /** Those of the others whose names stand before ours. */
  function askedBefore({ body }: Message, peers: readonly Peer[]): string[] {
    const ours = placeIn(body, [userId, ...options.names]);
    return peers.filter(({ userId: id, name }) => placeIn(body, [id, name]) < ours).map((peer) => peer.userId);
  }

  /**
   * In a room of several agents the owner's word ends what any of them does, and what waits for its turn or is not even
   * stored. True when there was something.
   */
  function stopHere(conversation: string, pending: Order[]): boolean {
    const unstored = pending.filter((order) => order.conversation === conversation);
    for (const order of unstored) {
      pending.splice(pending.indexOf(order), 1);
      orders.listen(order);
    }
    const waiting = inbox.open(channel).filter((row) => row.agent === agent && row.conversation === conversation);
    const isStopped = options.stop(conversation);
    inbox.done(waiting.map(({ id }) => id));
    return isStopped || waiting.length > 0 || unstored.length > 0;
  }

  async function decide(view: RoomView, message: Message, conversation: string, event: MatrixEvent) {
    const trusted = !view.encrypted || (await options.trust.isFromTrustedDevice(event));
    if (trusted) return approvals.said(message, { conversation, ofTwo: view.ofTwo });
    if (!approvals.isAbout(message, conversation)) return undefined;
    notices.tell(conversation, deviceDoesNotCount);
    // Handed on, it would read as a yes to the model.
    return decisionIn(message.body) ? "settled" : undefined;
  }

  function isMeant(room: Room, message: Message, quote: Quote | undefined, conversation: string): boolean {
    if (isAddressed(message, me)) return true;
    if (message.mentionsRoom && room.currentState.mayTriggerNotifOfType("room", message.sender)) return true;
    if (message.repliesTo && quote?.sender === userId) return true;
    return message.thread !== undefined && inbox.knows(channel, agent, conversation);
  }

  async function quoteFor(room: Room, view: RoomView, { thread, repliesTo }: Message, conversation: string) {
    if (view.mode === "off") return undefined;
    if (repliesTo) return options.quotes.of(room, repliesTo);
    if (thread && !inbox.knows(channel, agent, conversation)) return options.quotes.beforeThread(room, thread);
    return undefined;
  }

  async function waitForKey(room: Room, event: MatrixEvent): Promise<void> {
    if (!people.originOf(event.getSender() ?? "") || options.isAnswered(event.getId() ?? "")) return;
    const { name, id } = await rooms.view(room);
    notices.tellHome(
      `I cannot read a message in ${name || id} yet: its key has not reached me. I asked for it, and answer when it comes.`,
      { subject: `unreadable ${id}`, everyMs: hourMs },
    );
  }

  return {
    read,
    waitForKey,
    async readLate(room, event) {
      if (known(event.getId() ?? "")) return;
      const view = await rooms.view(room);
      const order = await readOne(room, view, event, false, []);
      approvals.settle();
      if (order) orders.take([order], view, false);
    },
  };
}

/** Where the first of these names stands; endless when none does. */
function placeIn(body: string, names: readonly string[]): number {
  const places = names.map((name) => body.toLowerCase().indexOf(name.toLowerCase())).filter((place) => place !== -1);
  return Math.min(...places, Number.POSITIVE_INFINITY);
}

const deviceDoesNotCount =
  "I do not take this as an answer to my question: it comes from a device that its owner has not verified. Verify it in your app, or on my machine with `memtrix doctor devices --trust`; then answer again, or from another device.";
const tooMuchMissed =
  "More was written here while I was away than I can fetch: I know nothing of the oldest part of it.";
