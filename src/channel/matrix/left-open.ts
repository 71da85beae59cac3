import type { Logger } from "../../log.ts";
import type { Store } from "../../store/store.ts";
import { formatNotice } from "./format.ts";
import type { Notices } from "./notices.ts";
import { placeOf } from "./place.ts";
import type { Sender } from "./sender.ts";

/** Messages that could not be dealt with, since nothing could be stored: handed over again when something can be. */
export interface LeftOpen {
  /** Rows of the inbox in one conversation, and why, in a sentence. Their sender hears of it, once. */
  add(conversation: string, rows: readonly number[], why: string): void;
  stop(): void;
}

export interface LeftOpenOptions {
  channel: string;
  agent: string;
  store: Pick<Store, "settings" | "transaction">;
  notices: Pick<Notices, "tell">;
  sender: Pick<Sender, "try">;
  handOver(rows: readonly number[]): void;
  now(): Date;
  log: Logger;
}

const firstPauseMs = 2_000;
const longestPauseMs = 30_000;
/** Whatever else goes wrong meanwhile, people hear of it once. */
const tellAgainMs = 600_000;
/** There is room for a run and its answer when there is room for this. */
const roomBytes = 200_000;

export function createLeftOpen(options: LeftOpenOptions): LeftOpen {
  const { channel, agent, store, notices, sender, handOver, now, log } = options;
  const rows = new Set<number>();
  const toldAt = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let pauseMs = firstPauseMs;
  let handedOverAt = 0;
  let isStopped = false;

  function look(): void {
    timer = undefined;
    if (!hasRoom()) {
      lookLater();
      return;
    }
    log.info("Messages that were left open are taken up again", { count: rows.size });
    const left = [...rows].toSorted((a, b) => a - b);
    rows.clear();
    handedOverAt = now().getTime();
    handOver(left);
  }

  function lookLater(): void {
    if (timer !== undefined || isStopped) return;
    timer = setTimeout(look, pauseMs);
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }

  function hasRoom(): boolean {
    const [scope, name] = [`${channel} ${agent}`, "room_probe"];
    try {
      store.transaction(() => {
        store.settings.set(scope, name, "x".repeat(roomBytes));
        store.settings.delete(scope, name);
      });
      return true;
    } catch {
      return false;
    }
  }

  /** Durably where that can be, and else past the outbox. */
  function tell(conversation: string, sentence: string): void {
    try {
      notices.tell(conversation, sentence);
    } catch {
      const room = placeOf(channel, conversation)?.room;
      const [content] = formatNotice(sentence);
      const event = { type: "m.room.message", content: { ...content } };
      if (room) void sender.try(room, event, { patient: true });
    }
  }

  return {
    add(conversation, more, why) {
      const at = now().getTime();
      // What fails again at once is not tried again at once.
      if (at - handedOverAt > longestPauseMs) pauseMs = firstPauseMs;
      for (const row of more) rows.add(row);
      lookLater();
      if (at - (toldAt.get(conversation) ?? 0) < tellAgainMs) return;
      toldAt.set(conversation, at);
      tell(conversation, `${why} I have your message, and answer it by myself as soon as I can write again.`);
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
