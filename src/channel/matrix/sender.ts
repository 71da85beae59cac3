import { randomUUID } from "node:crypto";
import type { Logger } from "../../log.ts";
import type { Outlet, RoomEvent } from "./outlet.ts";
import { type Pace, pause } from "./pace.ts";
import { sendFailureOf } from "./send-failure.ts";

/** Sends what is shown beside the answers: questions, edits, reactions. Answers have the outbox. */
export interface Sender {
  /** Tries until it has left; gives its id. Rejects when `signal` aborts, or when it can never leave. */
  send(room: string, event: RoomEvent, transaction: string, signal: AbortSignal): Promise<string>;
  /**
   * Sends once, when the pace allows it, and never rejects; undefined when it did not leave. `patient`: waits for a
   * minute, because it is the last word on something.
   */
  try(room: string, event: RoomEvent, how?: { patient: boolean }): Promise<string | undefined>;
}

const patienceMs = 60_000;
const lookAgainMs = 250;

export interface SenderOptions {
  outlet: Pick<Outlet, "send">;
  pace: Pace;
  /** Answers are on their way out. */
  answersWait(): boolean;
  log: Logger;
}

export function createSender({ outlet, pace, answersWait, log }: SenderOptions): Sender {
  async function send(room: string, event: RoomEvent, transaction: string, signal: AbortSignal): Promise<string> {
    for (let failures = 0; ; failures++) {
      await pace.ready(signal);
      try {
        return await outlet.send(room, event, transaction);
      } catch (error) {
        const failure = sendFailureOf(error);
        if (failure.kind === "limited") pace.slowDown(failure.waitMs);
        else if (failure.kind === "unreachable") await pause(Math.min(1_000 * 2 ** failures, 30_000), signal);
        else throw error;
      }
    }
  }

  return {
    send,
    async try(room, event, { patient } = { patient: false }) {
      try {
        const transaction = randomUUID();
        if (patient) {
          const signal = AbortSignal.timeout(patienceMs);
          // What waits in the outbox matters more.
          while (answersWait()) await pause(lookAgainMs, signal);
          return await send(room, event, transaction, signal);
        }
        if (pace.paused) return undefined;
        return await outlet.send(room, event, transaction);
      } catch (error) {
        const failure = sendFailureOf(error);
        if (failure.kind === "limited") pace.slowDown(failure.waitMs);
        else log.debug("Something beside an answer did not leave", { type: event.type, failure: failure.kind });
        return undefined;
      }
    },
  };
}
