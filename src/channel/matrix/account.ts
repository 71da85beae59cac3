import type { MatrixEvent } from "matrix-js-sdk";
import { diskProblem, messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import type { OutboundFile, Reply } from "../../reply.ts";
import type { InboxRow } from "../../store/inbox.ts";
import type { Store } from "../../store/store.ts";
import type { InboundMessage } from "../channel.ts";
import { createApprovals } from "./approvals.ts";
import { createBurst } from "./burst.ts";
import type { MatrixConnection, MatrixHealth } from "./connection.ts";
import { findDelivered } from "./delivered.ts";
import { ensureDirectRoom } from "./direct-room.ts";
import { askAboutEmojis } from "./emoji-question.ts";
import { ownerIsIn } from "./greeting.ts";
import { messageIn } from "./inbound-message.ts";
import { createInboxReader } from "./inbox.ts";
import { createInvites } from "./invites.ts";
import { createLeftOpen } from "./left-open.ts";
import { uploadAttachment } from "./media.ts";
import { nextSync } from "./next-sync.ts";
import { createNotices } from "./notices.ts";
import { othersIn } from "./others.ts";
import { createDelivery } from "./outbox.ts";
import { createOutlet } from "./outlet.ts";
import { createPace, pause } from "./pace.ts";
import { createPeople } from "./people.ts";
import { placeOf } from "./place.ts";
import { createQuotes } from "./quotes.ts";
import { sendReceipt } from "./receipt.ts";
import { createReceiveTime } from "./receive-time.ts";
import { createReply } from "./reply.ts";
import { createRoomBook, type RoomMode } from "./rooms.ts";
import { createSender } from "./sender.ts";
import { createTrust } from "./trust.ts";
import { createTyping } from "./typing.ts";
import { createUpgrades } from "./upgrades.ts";

/** One agent's account on the homeserver. */
export interface Account {
  readonly agent: string;
  start(onMessage: OnMessage): Promise<void>;
  stop(): Promise<void>;
  close(): Promise<void>;
  health(): AccountHealth;
}

export interface AccountHealth extends MatrixHealth {
  agent: string;
  /** Events that have not left. */
  waiting: number;
  /** Why something does not leave. */
  stuck?: string;
}

type OnMessage = (message: InboundMessage, reply: Reply) => void;

/** The channel's section of the config, as far as it is needed here. */
export interface MatrixSettings {
  owners: readonly string[];
  e2ee: "required" | "on" | "off";
  streaming: "on" | "off";
  eyes: "on" | "off";
  answer_hours: number;
  burst_ms: number;
  home_room: string | null;
  rooms: Record<string, { mode: RoomMode; trusted: boolean }>;
}

export interface AccountOptions {
  channel: string;
  agent: string;
  /** As its owner calls it. */
  name: string;
  connection: MatrixConnection;
  /** Who may write to it beside the owners. */
  allowed: readonly string[];
  /** The accounts of all agents, this one included. */
  ours: readonly string[];
  settings: MatrixSettings;
  store: Store;
  /** Brings what came with a message to where the agent can read it; gives the lines that say so. */
  saveAttachments?(row: InboxRow): Promise<string>;
  /** Ends the run that works on a message. */
  withdraw(message: { agent: string; conversation: string; inbox: number }): void;
  /** The login is over: nothing comes or goes any more. One sentence with its remedy. */
  onEnded(problem: string): void;
  /** The first words in the direct room, when this agent is to make one. */
  greeting?: string | undefined;
  now(): Date;
  log: Logger;
}

const closeGraceMs = 5_000;
const listenEveryMs = 60_000;
const greetAgainMs = 2_000;
const greetedSetting = "greeted";

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
  });
  const sender = createSender({ outlet, pace, answersWait: delivery.answersWait, log });
  const typing = createTyping(client);
  const approvals = createApprovals({ channel, agent, questions: store.questions, sender, log });
  const notices = createNotices({
    ...{ channel, agent, outbox, now },
    ...{ settings: store.settings, configured: settings.home_room },
  });
  const invites = createInvites({ client, people, notices, log });
  const time = createReceiveTime(now, {
    get: () => dateOf(store.settings.get(scope, "heard_at")),
    set: (at) => store.settings.set(scope, "heard_at", at.toISOString()),
  });
  const leftOpen = createLeftOpen({
    ...{ channel, agent, store, notices, sender, now, log },
    handOver: (rows) => void handOver(rows),
  });
  const burst = createBurst<number>(settings.burst_ms, (rows) => void handOver(rows));
  let catchingUp = true;
  let onMessage: OnMessage = () => {};
  let listening: NodeJS.Timeout | undefined;
  let verifications: Disposable | undefined;
  const ending = new AbortController();
  let handingOver = Promise.resolve();

  const reader = createInboxReader({
    ...{ channel, agent, userId, people, approvals, notices, store, now, log, time },
    names: [options.name, userId.slice(1).split(":")[0] ?? ""],
    rooms: createRoomBook({ channel, agent, userId, people, rooms: store.rooms, settings: settings.rooms }),
    quotes: createQuotes(client, people, userId),
    trust: createTrust(client),
    encryptedOnly: settings.e2ee === "required",
    isCatchingUp: () => catchingUp,
    answerMs: settings.answer_hours * 3_600_000,
    onStored,
    withdraw: options.withdraw,
    onTombstone: createUpgrades({ client, people, notices, log }),
  });

  function onStored(id: number): void {
    const row = inbox.get(id);
    if (!row) return;
    const key = `${row.conversation} ${row.sender}`;
    burst.add(key, id);
    // Commands do not wait, and neither does what stands before them.
    if (/^[/!][a-z]/i.test(row.text)) burst.flush(key);
  }

  function handOver(ids: readonly number[]): Promise<void> {
    handingOver = handingOver.then(async () => {
      for (const id of ids) await fetchAttachments(id);
      // What is handed over without a pause between is taken together.
      const rows = ids.flatMap((id) => inbox.get(id) ?? []).filter((row) => row.doneAt === undefined);
      for (const row of rows) onMessage(messageIn(row), replyTo(row));
      const last = rows.at(-1);
      const room = last && placeOf(channel, last.conversation)?.room;
      if (room) sendReceipt(client, room, last.event);
    });
    handingOver = handingOver.catch((error) => {
      log.error("A message could not be handed over", { error });
      const row = inbox.get(ids[0] ?? 0);
      if (row) leftOpen.add(row.conversation, ids, diskProblem(error) ?? `Something went wrong: ${messageOf(error)}`);
    });
    return handingOver;
  }

  async function fetchAttachments(id: number): Promise<void> {
    const row = inbox.get(id);
    if (!row?.attachments?.length || row.run !== undefined) return;
    const lines = (await options.saveAttachments?.(row)) ?? "[A file came with this; it cannot be opened here.]";
    inbox.edit(id, [row.text, lines].filter(Boolean).join("\n\n"));
  }

  function replyTo(row: InboxRow): Reply {
    const place = placeOf(channel, row.conversation) ?? { room: "" };
    const format = { mentions: people.owners.map((id) => ({ userId: id, name: id.slice(1).split(":")[0] ?? "" })) };
    const parts = {
      ...{ channel, agent, inbox, outbox, outlet, sender, pace, typing, approvals },
      ...{ streaming: settings.streaming === "on", eyes: settings.eyes === "on" },
      format,
      upload: (room: string, file: OutboundFile, signal: AbortSignal) =>
        uploadAttachment(client, room, file, { ...format, signal }),
      others: (room: string) => othersIn(client, room, people),
    };
    const reply = createReply(parts, {
      ...place,
      ...{ inbox: row.id, event: row.event, conversation: row.conversation, draft: row.draft },
      quoting: store.rooms.get(channel, agent, place.room)?.kind !== "direct",
    });
    return { ...reply, leftOpen: (rows, why) => leftOpen.add(row.conversation, rows, why) };
  }

  /** Notes that nothing was missed up to now. */
  function hear(): void {
    const { lastSyncAt } = connection.health();
    if (lastSyncAt && now().getTime() - lastSyncAt.getTime() < 2 * listenEveryMs) time.heard();
  }

  async function greet(): Promise<void> {
    if (options.greeting === undefined) return;
    const room = await ensureDirectRoom({
      ...{ client, channel, agent, name: options.name, people },
      ...{ settings: store.settings, rooms: store.rooms, encrypted: settings.e2ee !== "off" },
    });
    if (room === undefined || store.settings.get(scope, greetedSetting) !== undefined) return;
    if (!(await ownerIsIn(client, room, people, ending.signal))) return;
    store.transaction(() => {
      store.settings.set(scope, greetedSetting, now().toISOString());
      notices.tell(`${channel}:${room}`, options.greeting ?? "");
    });
  }

  async function greetUntilDone(): Promise<void> {
    for (;;) {
      try {
        return await greet();
      } catch (error) {
        ending.signal.throwIfAborted();
        log.warn("The direct room could not be made, and is tried again", { error });
      }
      // It may have been made all the same, and only its answer was lost: then the sync brings it, in parts.
      await nextSync(client, ending.signal);
      await pause(greetAgainMs, ending.signal);
    }
  }

  return {
    agent,
    async start(deliver) {
      onMessage = deliver;
      const open = inbox.open(channel).filter((row) => row.agent === agent);
      await handOver(open.map(({ id }) => id));
      await connection.start({
        onEvents: reader.read,
        async onDecrypted(event: MatrixEvent) {
          const room = client.getRoom(event.getRoomId());
          if (room) await reader.readLate(room, event);
        },
        async onUndecryptable(event) {
          const room = client.getRoom(event.getRoomId());
          if (room) await reader.waitForKey(room, event);
        },
        onInvite: (room, inviter) => invites.invited(room, inviter),
        onEnded: options.onEnded,
      });
      catchingUp = false;
      time.heard();
      listening = setInterval(hear, listenEveryMs).unref();
      pace.begin();
      delivery.start();
      await approvals.withdrawLeft();
      verifications = askAboutEmojis({ channel, client, people, approvals, notices, log });
      // Not waited for: the owner may come days later.
      greetUntilDone().catch(() => {}); // Ended: the next start does it.
    },
    async stop() {
      ending.abort();
      leftOpen.stop();
      verifications?.[Symbol.dispose]();
      clearInterval(listening);
      burst.clear();
      await connection.stop();
      await handingOver;
      burst.clear();
    },
    async close() {
      typing.endAll();
      await delivery.stop(closeGraceMs);
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
