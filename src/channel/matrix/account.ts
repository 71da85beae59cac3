import { setTimeout as sleep } from "node:timers/promises";
import type { MatrixEvent } from "matrix-js-sdk";
import type { Logger } from "../../log.ts";
import type { OutboundFile, Reply } from "../../reply.ts";
import type { InboxRow } from "../../store/inbox.ts";
import type { Store } from "../../store/store.ts";
import { createAnsweredElsewhere, mostAnswers } from "./answered-elsewhere.ts";
import { createApprovals, type YesBy } from "./approvals.ts";
import { createAttachments } from "./attachments.ts";
import type { MatrixConnection, MatrixHealth } from "./connection.ts";
import { createCrowds } from "./crowds.ts";
import { findDelivered } from "./delivered.ts";
import { askAboutEmojis } from "./emoji-question.ts";
import type { HandOns } from "./hand-ons.ts";
import { createInboxReader } from "./inbox.ts";
import { createIntake, type OnMessage } from "./intake.ts";
import { createInvites } from "./invites.ts";
import { createLeftOpen } from "./left-open.ts";
import type { FileKeeper } from "./media/file-keeper.ts";
import { uploadAttachment } from "./media.ts";
import { createMovingIn } from "./moving-in.ts";
import { createNotices } from "./notices.ts";
import { othersIn } from "./others.ts";
import { createDelivery } from "./outbox.ts";
import { createOutlet } from "./outlet.ts";
import { createPace } from "./pace.ts";
import { createPeers } from "./peers.ts";
import { createPeople, type OurAgent } from "./people.ts";
import { placeOf } from "./place.ts";
import { createQuotes } from "./quotes.ts";
import { createReceiveTime } from "./receive-time.ts";
import { createReply } from "./reply.ts";
import { createRoomBook, type RoomMode } from "./rooms.ts";
import { createSender } from "./sender.ts";
import { createTrust } from "./trust.ts";
import { createTurns } from "./turns.ts";
import { createTyping } from "./typing.ts";
import { createUpgrades } from "./upgrades.ts";

/** One agent's account on the homeserver. */
export interface Account {
  readonly agent: string;
  start(onMessage: OnMessage): Promise<void>;
  stop(): Promise<void>;
  close(): Promise<void>;
  /** Shows a room of another agent in the space, which is this one's. */
  hold(room: string): void;
  health(): AccountHealth;
}

export interface AccountHealth extends MatrixHealth {
  agent: string;
  /** Events that have not left. */
  waiting: number;
  /** Why something does not leave. */
  stuck?: string;
}

/** The channel's section of the config, as far as it is needed here. */
export interface MatrixSettings {
  owners: readonly string[];
  e2ee: "required" | "on" | "off";
  approvals: YesBy;
  streaming: "on" | "off";
  eyes: "on" | "off";
  answer_hours: number;
  burst_ms: number;
  home_room: string | null;
  rooms: Record<string, { mode: RoomMode; trusted: boolean; agents_may_talk: number }>;
}

export interface AccountOptions {
  channel: string;
  agent: string;
  /** As its owner calls it. */
  name: string;
  connection: MatrixConnection;
  /** Who may write to it beside the owners. */
  allowed: readonly string[];
  /** The accounts of all agents, this one included; they come and go. */
  ours: ReadonlyMap<string, OurAgent>;
  /** One for all agents. */
  handOns: HandOns;
  settings: MatrixSettings;
  store: Store;
  /** Where the files go that come with messages; left out, they cannot be opened. */
  files?: FileKeeper | undefined;
  /** The most people in a room; a larger one is left. */
  mostPeople?: number | undefined;
  /** Ends the run that works on a message. */
  withdraw(message: { agent: string; conversation: string; inbox: number }): void;
  /** Ends what is under way in a conversation of this agent; true when there was something. */
  stop(conversation: string): boolean;
  /** A room of the agent and its owner: where the space of all agents is to hold it. Left out, this one has the space. */
  onDirectRoom?: ((room: string) => void) | undefined;
  /** The login is over: nothing comes or goes any more. One sentence with its remedy. */
  onEnded(problem: string): void;
  /** The first words in the direct room, when this agent is to make one. */
  greeting?: string | undefined;
  now(): Date;
  log: Logger;
}

const placeLost =
  "I do not know any more how far I had read. What was written to me since my last answer I have not seen; write again what still matters.";
/** As the config has it for a room that it does not name. */
const defaultAnswersBetween = 4;
const closeGraceMs = 5_000;
const listenEveryMs = 60_000;

export function createAccount(options: AccountOptions): Account {
  const { channel, agent, connection, settings, store, now, log } = options;
  const { client, userId } = connection;
  const { inbox, outbox } = store;
  const scope = `${channel} ${agent}`;
  const people = createPeople({ owners: settings.owners, allowed: options.allowed, ours: options.ours });
  const pace = createPace();
  const outlet = createOutlet({
    client,
    isEncrypted: (room) => store.rooms.get(channel, agent, room)?.encrypted ?? false,
    encryptedOnly: settings.e2ee === "required",
  });
  const delivery = createDelivery({
    ...{ channel, agent, outbox, outlet, pace, now, log },
    findDelivered: (room, transaction, since) => findDelivered(client, room, transaction, since),
    answered: ({ answers }) => answers.slice(-mostAnswers).flatMap((row) => inbox.get(row)?.event ?? []),
  });
  const sender = createSender({ outlet, pace, answersWait: delivery.answersWait, log });
  const typing = createTyping(client);
  const approvals = createApprovals({
    channel,
    agent,
    questions: store.questions,
    sender,
    yesBy: settings.approvals,
    log,
  });
  const notices = createNotices({
    ...{ channel, agent, outbox, now },
    ...{ settings: store.settings, configured: settings.home_room },
  });
  const attachments = createAttachments({ inbox, files: options.files, notices, log });
  const ending = new AbortController();
  const { signal } = ending;
  const crowds = createCrowds({ client, notices, most: options.mostPeople, signal, log });
  const invites = createInvites({ client, people, crowds, notices, signal, log });
  const movingIn = createMovingIn({
    ...{ client, channel, agent, name: options.name, people, notices, store, now, log },
    ...{ greeting: options.greeting, encrypted: settings.e2ee !== "off", onDirectRoom: options.onDirectRoom },
  });
  const time = createReceiveTime(now, {
    get: () => dateOf(store.settings.get(scope, "heard_at")),
    set: (at) => store.settings.set(scope, "heard_at", at.toISOString()),
  });
  const leftOpen = createLeftOpen({
    ...{ channel, agent, store, notices, sender, now, log },
    handOver: (rows) => intake.again(rows),
  });
  const peers = createPeers({
    ...{ channel, client, userId, people, store, handOns: options.handOns },
    mostAnswers: (room) => settings.rooms[room]?.agents_may_talk ?? defaultAnswersBetween,
  });
  const turns = createTurns();
  const companyIn = (conversation: string) => peers.in(placeOf(channel, conversation)?.room ?? "");
  const intake = createIntake({
    ...{ channel, agent, inbox, attachments, client, burstMs: settings.burst_ms, replyTo, log },
    companyIn: (conversation) => companyIn(conversation).map(({ name }) => name),
    onLeft: leftOpen.add,
  });
  let catchingUp = true;
  const answeredElsewhere = createAnsweredElsewhere({ channel, agent, connection, inbox });
  let listening: NodeJS.Timeout | undefined;
  let verifications: Disposable | undefined;

  const reader = createInboxReader({
    ...{ channel, agent, userId, people, peers, turns, approvals, attachments, notices, store, now, log, time },
    stop: options.stop,
    names: [options.name, userId.slice(1).split(":")[0] ?? ""],
    rooms: createRoomBook({
      ...{ channel, agent, userId, people, rooms: store.rooms, settings: settings.rooms },
      onNew: ({ id, kind }) => void (kind === "direct" && movingIn.hasDirectRoom(id)),
    }),
    quotes: createQuotes(client, people, userId),
    trust: createTrust(client),
    encryptedOnly: settings.e2ee === "required",
    isCatchingUp: () => catchingUp,
    isAnswered: answeredElsewhere.has,
    answerMs: settings.answer_hours * 3_600_000,
    onStored(row, after = []) {
      const { conversation = "", event = "" } = inbox.get(row) ?? {};
      const isAtWork = (other: string): boolean => {
        const theirs = inbox.find(channel, people.agentOf(other)?.agent ?? "", event);
        return theirs !== undefined && theirs.doneAt === undefined;
      };
      turns.after(placeOf(channel, conversation)?.room ?? "", after, () => intake.stored(row), isAtWork);
    },
    withdraw: options.withdraw,
    onTombstone: createUpgrades({
      ...{ channel, agent, client, people, notices, settings: store.settings, rooms: store.rooms, log },
    }),
  });

  function replyTo(row: InboxRow, draft: string | undefined): Reply {
    const place = placeOf(channel, row.conversation) ?? { room: "" };
    const owners = people.owners.map((id) => ({ userId: id, name: id.slice(1).split(":")[0] ?? "" }));
    const format = { mentions: [...owners, ...companyIn(row.conversation)] };
    const parts = {
      ...{ channel, agent, inbox, outbox, sender, pace, typing, approvals },
      ...{ streaming: settings.streaming === "on", eyes: settings.eyes === "on" },
      format,
      upload: (room: string, file: OutboundFile, signal: AbortSignal) =>
        uploadAttachment(client, room, file, { ...format, signal }),
      others: (room: string) => othersIn(client, room, people),
    };
    const reply = createReply(parts, {
      ...place,
      ...{ inbox: row.id, event: row.event, conversation: row.conversation, draft },
      quoting: store.rooms.get(channel, agent, place.room)?.kind !== "direct",
    });
    return { ...reply, leftOpen: (rows, why) => leftOpen.add(row.conversation, rows, why) };
  }

  /** Notes that nothing was missed up to now. */
  function hear(): void {
    const { lastSyncAt } = connection.health();
    if (lastSyncAt && now().getTime() - lastSyncAt.getTime() < 2 * listenEveryMs) time.heard();
  }

  return {
    agent,
    hold: movingIn.hold,
    async start(deliver) {
      // Something was heard before, and how far is known no more: a new device, or its database is not the one it was.
      const isLost = connection.isFirstStart && store.settings.get(scope, "heard_at") !== undefined;
      await answeredElsewhere.find();
      await intake.begin(deliver);
      await connection.start({
        async onEvents(room, events, gap) {
          if (room.isSpaceRoom() || crowds.leave(room)) return;
          await reader.read(room, events, gap);
        },
        async onDecrypted(event: MatrixEvent) {
          const room = client.getRoom(event.getRoomId());
          if (room) await reader.readLate(room, event);
        },
        async onUndecryptable(event) {
          const room = client.getRoom(event.getRoomId());
          if (room) await reader.waitForKey(room, event);
        },
        // Not waited for: a busy homeserver may take its time. The next start takes up what is left.
        onInvite: async (room, inviter) => void invites.invited(room, inviter),
        onEnded: options.onEnded,
      });
      if (signal.aborted) return;
      catchingUp = false;
      answeredElsewhere.caughtUp();
      time.heard();
      listening = setInterval(hear, listenEveryMs).unref();
      pace.begin();
      delivery.start();
      await approvals.withdrawLeft();
      verifications = askAboutEmojis({ channel, client, people, approvals, notices, log });
      if (isLost) notices.tellHome(placeLost);
      void invites.takeUp();
      // Not waited for: the owner may come days later.
      movingIn.untilDone(signal).catch(() => {}); // Ended: the next start does it.
    },
    async stop() {
      ending.abort();
      leftOpen.stop();
      verifications?.[Symbol.dispose]();
      clearInterval(listening);
      intake.end();
      turns.end();
      await connection.stop();
      await intake.settled();
      intake.end();
    },
    async close() {
      typing.endAll();
      await delivery.stop(closeGraceMs);
      await Promise.race([outlet.close(), sleep(closeGraceMs, undefined, { ref: false })]);
      await connection.close();
    },
    health() {
      const { waiting, problem } = delivery.state();
      return { ...connection.health(), agent, waiting, ...(problem === undefined ? {} : { stuck: problem }) };
    },
  };
}

function dateOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}
