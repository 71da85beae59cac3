import {
  type IEvent,
  type ISyncResponse,
  type MatrixClient,
  type MatrixEvent,
  MatrixEventEvent,
  type Room,
} from "matrix-js-sdk";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { oneAtATime } from "../../one-at-a-time.ts";
import type { DeviceDatabase } from "./device-database.ts";
import { fillGap } from "./fill-gap.ts";
import { createHandedOver } from "./handed-over.ts";
import type { HealthRecord } from "./health.ts";
import { pause } from "./homeserver-answer.ts";
import { letGo } from "./let-go.ts";
import { createReplayGuard } from "./replay.ts";
import { createWaiting } from "./waiting.ts";

/** Who takes what the homeserver brings. What a handler did must be durable when it resolves. */
export interface ConnectionHandlers {
  /**
   * Events of one room's timeline, in order, each once, all readable. `gap` says that some were fetched because the
   * sync did not bring them, how many, and whether that is all that there was.
   */
  onEvents(room: Room, events: MatrixEvent[], gap?: { count: number; complete: boolean }): Promise<void>;
  /** One that could not be read when it came, and now can. */
  onDecrypted(event: MatrixEvent): Promise<void>;
  onInvite(room: Room, inviter: string): Promise<void>;
  /** One that cannot be read yet; it is kept for a day, and comes through `onDecrypted` if its keys do. */
  onUndecryptable?(event: MatrixEvent): Promise<void>;
  /** Nothing comes any more until the program starts again; `problem` is what the owner is to be told. */
  onEnded?(problem: string): void;
}

export interface HandOver {
  /** Deals with all of a sync. Rejects when a handler did: then nothing of it counts as dealt with. */
  sync(sync: ISyncResponse, isFirst: boolean): Promise<void>;
  /** Tries what waits for keys, for instance from before this start. */
  retryWaiting(): Promise<void>;
  waitingForKeys(): number;
  isBusy(): boolean;
  /** Resolves when nothing is being handed over any more. */
  settled(): Promise<void>;
}

export interface HandOverOptions {
  client(): MatrixClient;
  device: DeviceDatabase;
  handlers(): ConnectionHandlers;
  health: HealthRecord;
  log: Logger;
  now(): Date;
  /** Ends the trying again of what a handler did not take. */
  signal: AbortSignal;
}

const patienceMs = 86_400_000;
const longestPauseMs = 15_000;
/** What the SDK keeps of a room in memory; older events are at the homeserver. */
const keptInMemory = 200;

export function createHandOver({ client, device, handlers, health, log, now, signal }: HandOverOptions): HandOver {
  const handedOver = createHandedOver(device);
  const waiting = createWaiting(device);
  const replays = createReplayGuard(device);
  /** What was unreadable may become readable in the middle of a sync. */
  const turns = oneAtATime();
  let inQueue = 0;

  function inTurn(work: () => Promise<void>): Promise<void> {
    inQueue += 1;
    return turns
      .do(() => untilTaken(work))
      .finally(() => {
        inQueue -= 1;
      });
  }

  /** Nothing goes on before what came earlier is taken. */
  async function untilTaken(work: () => Promise<void>): Promise<void> {
    for (let waitMs = 100; ; waitMs = Math.min(waitMs * 2, longestPauseMs)) {
      signal.throwIfAborted();
      try {
        await work();
        return health.set("handling", undefined);
      } catch (error) {
        log.error("what came from the homeserver could not be taken, and is tried again", { error });
        health.set("handling", `Messages cannot be taken in (${messageOf(error)}): Memtrix tries again; see its log.`);
        await pause(waitMs, signal);
      }
    }
  }

  async function joined(id: string, timeline: Timeline, isFirst: boolean): Promise<void> {
    const room = client().getRoom(id);
    if (room === null) return;
    const brought = timeline.events.filter((event) => !handedOver.knows(id, event.event_id));
    if (isFirst) return device.transact(() => remember(id, brought));
    if (brought.length === 0) return;

    const isNew = !handedOver.knowsRoom(id);
    const from = !isNew && timeline.limited && !overlaps(id, timeline) ? timeline.prev_batch : null;
    const gap = from ? await fillGap(client(), id, from, (event) => handedOver.knows(id, event)) : undefined;
    if (gap && !gap.complete) log.warn("more was said while away than is fetched", { room: id });

    const raw = isNew ? sinceInvitation(brought) : [...(gap?.events ?? []), ...brought];
    const events: MatrixEvent[] = [];
    const unreadable: MatrixEvent[] = [];
    for (const one of raw) {
      const event = eventOf(room, one);
      await client().decryptEventIfNeeded(event);
      if (event.isDecryptionFailure()) unreadable.push(event);
      else if (replays.isReplayed(event)) log.warn("a replayed message was refused", { event: event.getId() });
      else events.push(event);
    }
    for (const event of unreadable) await setAside(id, event);
    const noted = gap && { count: gap.events.length, complete: gap.complete };
    if (events.length > 0) await handlers().onEvents(room, events, noted);
    device.transact(() => {
      for (const event of events) replays.remember(event);
      remember(id, [...raw, ...brought]);
    });
    forgetOldest(room);
  }

  function overlaps(room: string, { events }: Timeline): boolean {
    return events.some(({ event_id }) => handedOver.knows(room, event_id));
  }

  /** In a room that we have just come into: what was said since we were asked to come. */
  function sinceInvitation(events: RawEvent[]): RawEvent[] {
    const me = client().getUserId();
    const first = events.findIndex(
      ({ type, state_key, content }) =>
        type === "m.room.member" && state_key === me && ["invite", "join"].includes(String(content?.membership)),
    );
    return first === -1 ? events : events.slice(first);
  }

  function remember(room: string, events: Partial<IEvent>[]): void {
    for (const { event_id } of events) if (event_id) handedOver.add(room, event_id);
  }

  function eventOf(room: Room, raw: Partial<IEvent>): MatrixEvent {
    const known = raw.event_id && room.findEventById(raw.event_id);
    return known || client().getEventMapper({ decrypt: false })({ ...raw, room_id: room.roomId });
  }

  async function setAside(room: string, event: MatrixEvent): Promise<void> {
    const isKnown = waiting.has(room, event.getId() ?? "");
    waiting.add(room, event.event as IEvent, now());
    listen(room, event);
    if (isKnown) return;
    health.failedToDecrypt();
    log.warn("a message cannot be read until its keys come", { room, event: event.getId() });
    await handlers().onUndecryptable?.(event);
  }

  /** The SDK tries again by itself when keys come, over a device's channel or from the backup. */
  function listen(room: string, event: MatrixEvent): void {
    event.on(MatrixEventEvent.Decrypted, () => {
      // Ends early only when reading was stopped: the next start tries it again.
      inTurn(() => surfaced(room, event)).catch(() => undefined);
    });
  }

  async function surfaced(room: string, event: MatrixEvent): Promise<void> {
    const id = event.getId() ?? "";
    if (event.isDecryptionFailure() || !waiting.has(room, id)) return;
    if (replays.isReplayed(event)) log.warn("a replayed message was refused", { event: id });
    else await handlers().onDecrypted(event);
    device.transact(() => {
      replays.remember(event);
      waiting.remove(room, id);
    });
  }

  return {
    sync: (sync, isFirst) =>
      inTurn(async () => {
        for (const [id, { timeline }] of Object.entries(sync.rooms?.join ?? {})) {
          if (timeline) await joined(id, timeline as unknown as Timeline, isFirst);
        }
        for (const id of Object.keys(sync.rooms?.leave ?? {})) {
          handedOver.forgetRoom(id);
          letGo(client(), id);
        }
        for (const id of Object.keys(sync.rooms?.invite ?? {})) await invited(id);
        for (const { room, event } of waiting.dropBefore(new Date(now().getTime() - patienceMs))) {
          log.warn("a message whose keys did not come within a day is given up", { room, event });
        }
      }),
    async retryWaiting() {
      for (const { room, event: raw } of waiting.all()) {
        const event = client().getEventMapper({ decrypt: false })({ ...raw, room_id: room });
        listen(room, event);
        await client().decryptEventIfNeeded(event);
      }
    },
    waitingForKeys: () => waiting.count(),
    isBusy: () => inQueue > 0,
    settled: turns.settled,
  };

  async function invited(id: string): Promise<void> {
    const room = client().getRoom(id);
    const inviter = room?.getMember(client().getUserId() ?? "")?.events.member?.getSender();
    if (room?.getMyMembership() === "invite" && inviter) await handlers().onInvite(room, inviter);
  }
}

type RawEvent = IEvent & { state_key?: string };

interface Timeline {
  events: RawEvent[];
  limited?: boolean;
  prev_batch: string | null;
}

function forgetOldest(room: Room): void {
  const events = room.getLiveTimeline().getEvents();
  for (const event of events.slice(0, Math.max(0, events.length - keptInMemory))) room.removeEvent(event.getId() ?? "");
}
