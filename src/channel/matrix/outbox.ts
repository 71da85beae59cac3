import { diskProblem } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import type { Outbox, OutboxRow } from "../../store/outbox.ts";
import type { Outlet, RoomEvent } from "./outlet.ts";
import { type Pace, pause } from "./pace.ts";
import { placeOf } from "./place.ts";
import { sendFailureOf } from "./send-failure.ts";
import { asSmaller } from "./smaller.ts";

/** Delivers the rows of one account: in order in each conversation, answers before notices, none lost, none twice. */
export interface Delivery {
  start(): void;
  /** Sends what can be sent within `graceMs`, then stops. What is left goes out after the next start. */
  stop(graceMs: number): Promise<void>;
  /** An answer waits that is not stuck. */
  answersWait(): boolean;
  /** How many wait, and why the oldest of those that are stuck does not leave. */
  state(): { waiting: number; problem?: string };
}

export interface DeliveryOptions {
  channel: string;
  agent: string;
  outbox: Outbox;
  outlet: Pick<Outlet, "send">;
  pace: Pace;
  /** Finds an event that left long ago: the server may have forgotten its transaction. */
  findDelivered(room: string, transaction: string, since: Date): Promise<string | undefined>;
  /** The ids of the messages that a row answers. */
  answered(row: OutboxRow): readonly string[];
  now(): Date;
  log: Logger;
}

/** Synapse knows a transaction for a day: half of it is safe. */
const transactionsHoldMs = 12 * 3_600_000;
const firstRetryMs = 1_000;
const longestRetryMs = 60_000;
/** Something has to change in the room first, or a room that was just made is not in the sync yet. */
const blockedRetryMs = 300_000;
/** What was sent and could not be marked is sent again under its own transaction, which changes nothing. */
const diskRetryMs = 15_000;

export function createDelivery(options: DeliveryOptions): Delivery {
  const { channel, agent, outbox, outlet, pace, now, log } = options;
  const ending = new AbortController();
  const busy = new Map<string, Promise<void>>();
  const problems = new Map<string, string>();
  /** Pauses after what is no answer, by conversation. */
  const pauses = new Map<string, AbortController>();
  let unwatch = (): void => {};

  const next = (conversation: string): OutboxRow | undefined => outbox.next({ channel, agent, conversation });

  function wake(): void {
    if (ending.signal.aborted) return;
    for (const { conversation, answers } of outbox.conversations(channel, agent)) {
      if (answers > 0) pauses.get(conversation)?.abort();
      if (busy.has(conversation)) continue;
      const worker = work(conversation).finally(() => {
        busy.delete(conversation);
        // One may have been added after the worker had looked for the last time.
        if (!ending.signal.aborted && next(conversation)) wake();
      });
      busy.set(conversation, worker);
    }
  }

  async function work(conversation: string): Promise<void> {
    let failures = 0;
    try {
      while (next(conversation)) {
        await pace.ready(ending.signal);
        // An answer may have come while a notice waited, or the notice was taken back.
        const row = next(conversation);
        if (!row) break;
        const waitMs = await attempt(row, failures);
        failures = waitMs === undefined ? 0 : failures + 1;
        if (waitMs === undefined) continue;
        await (row.kind === "answer" ? pause(waitMs, ending.signal) : pauseUnlessAnswer(conversation, waitMs));
      }
      problems.delete(conversation);
    } catch (error) {
      if (ending.signal.aborted) return;
      log.error("The outbox stumbled", { conversation, error });
      await pause(firstRetryMs, ending.signal).catch(() => {});
    }
  }

  /** An answer does not wait for a notice that failed. */
  async function pauseUnlessAnswer(conversation: string, waitMs: number): Promise<void> {
    const answered = new AbortController();
    pauses.set(conversation, answered);
    await pause(waitMs, AbortSignal.any([ending.signal, answered.signal])).catch(() => ending.signal.throwIfAborted());
    pauses.delete(conversation);
  }

  /** Sends one row. Undefined when it is dealt with, else how long to wait before the next attempt. */
  async function attempt(row: OutboxRow, failures: number): Promise<number | undefined> {
    const place = placeOf(channel, row.conversation);
    if (!place) {
      log.error("A row of the outbox belongs to no room", { id: row.id });
      return blockedRetryMs;
    }
    try {
      const eventId = (await arrivedBefore(row, place.room)) ?? (await leave(row, place.room));
      outbox.sent(row.id, eventId);
      problems.delete(row.conversation);
      return undefined;
    } catch (error) {
      return afterFailure(row, error, failures);
    }
  }

  async function arrivedBefore(row: OutboxRow, room: string): Promise<string | undefined> {
    const { firstTriedAt, transaction } = row;
    if (!firstTriedAt || now().getTime() - firstTriedAt.getTime() < transactionsHoldMs) return undefined;
    return options.findDelivered(room, transaction, firstTriedAt);
  }

  function leave(row: OutboxRow, room: string): Promise<string> {
    outbox.tried(row.id);
    const event = { ...(row.event as RoomEvent), answers: options.answered(row) };
    return outlet.send(room, event, row.transaction);
  }

  function afterFailure(row: OutboxRow, error: unknown, failures: number): number | undefined {
    const { conversation } = row;
    const backoffMs = Math.min(firstRetryMs * 2 ** failures, longestRetryMs) * (1 + Math.random() * 0.2);
    const disk = diskProblem(error);
    if (disk) {
      problems.set(conversation, disk);
      return Math.min(backoffMs, diskRetryMs);
    }
    const failure = sendFailureOf(error);
    switch (failure.kind) {
      case "limited":
        pace.slowDown(failure.waitMs);
        return 0;
      case "unreachable":
        problems.set(conversation, "the homeserver cannot be reached");
        return backoffMs;
      case "too-large": {
        const smaller = asSmaller(row.event as RoomEvent);
        if (smaller.length === 0) return block(row, "an event is too large, and cannot be made smaller", failures);
        log.info("An answer was too large for one event", { id: row.id, events: smaller.length });
        outbox.replace(row.id, smaller);
        return undefined;
      }
      default:
        return block(row, failure.problem, failures);
    }
  }

  function block({ conversation }: OutboxRow, problem: string, failures: number): number {
    if (problems.get(conversation) !== problem) log.warn("An answer cannot leave", { conversation, problem });
    problems.set(conversation, problem);
    return Math.min(firstRetryMs * 2 ** failures, blockedRetryMs);
  }

  return {
    start() {
      unwatch = outbox.watch(channel, wake);
      wake();
    },
    async stop(graceMs) {
      const timer = setTimeout(() => ending.abort(new Error("closing")), graceMs);
      wake();
      // Those that are stuck are not waited for.
      while (busy.size > 0 && !ending.signal.aborted) await Promise.all(busy.values());
      clearTimeout(timer);
      unwatch();
      ending.abort(new Error("closing"));
      await Promise.all(busy.values());
    },
    answersWait: () =>
      outbox
        .conversations(channel, agent)
        .some(({ conversation, answers }) => answers > 0 && !problems.has(conversation)),
    state() {
      const [problem] = problems.values();
      const waiting = outbox.conversations(channel, agent).reduce((sum, { rows }) => sum + rows, 0);
      return { waiting, ...(problem === undefined ? {} : { problem }) };
    },
  };
}
