import type { Outbox, OutboxKind } from "../../store/outbox.ts";
import type { Settings } from "../../store/settings.ts";
import { formatNotice } from "./format.ts";
import { placeOf } from "./place.ts";

/** Tells people what belongs to no answer. */
export interface Notices {
  /** In the home room. */
  tellHome(text: string, often?: HowOften): void;
  tell(conversation: string, text: string, about?: { answers: number[]; kind: OutboxKind }): void;
  /** The conversation for what has no conversation: the one chosen by `/sethome`, that of the config, or the direct room. */
  home(): string | undefined;
}

/** At most once in `everyMs` for one `subject`; kept over restarts. */
export interface HowOften {
  subject: string;
  everyMs: number;
}

export const hourMs = 3_600_000;

/** Where more waits to leave, the notices of a conversation become one. Answers all stay. */
const mostWaiting = 1_000;
const onlyTheNewest = "(Older notices were left out: so much waited to be sent.)";

export interface NoticesOptions {
  channel: string;
  agent: string;
  outbox: Pick<Outbox, "add" | "takeBackNotices">;
  settings: Settings;
  /** `home_room` of the config: a room's id. */
  configured: string | null;
  now(): Date;
}

/** Names in `settings`, under the agent's scope. */
export const homeSetting = "home_room";
export const directSetting = "direct_room";

export function createNotices({ channel, agent, outbox, settings, configured, now }: NoticesOptions): Notices {
  function home(): string | undefined {
    const chosen = settings.get(agent, homeSetting);
    if (chosen !== undefined && placeOf(channel, chosen)) return chosen;
    const room = configured ?? settings.get(agent, directSetting);
    return room === undefined ? undefined : `${channel}:${room}`;
  }

  function tell(conversation: string, text: string, about?: { answers: number[]; kind: OutboxKind }): void {
    const { answers = [], kind = "notice" } = about ?? {};
    const thread = placeOf(channel, conversation)?.thread;
    const relation = thread
      ? {
          "m.relates_to": {
            rel_type: "m.thread",
            event_id: thread,
            is_falling_back: true,
            "m.in_reply_to": { event_id: thread },
          },
        }
      : {};
    const isOneOfMany = kind === "notice" && outbox.takeBackNotices({ channel, agent, conversation }, mostWaiting) > 0;
    const events = formatNotice(isOneOfMany ? `${text}\n\n${onlyTheNewest}` : text).map((content) => ({
      type: "m.room.message",
      content: { ...content, ...relation },
    }));
    outbox.add({ channel, agent, conversation, events, answers, kind });
  }

  return {
    home,
    tell,
    tellHome(text, often) {
      const conversation = home();
      if (conversation === undefined) return;
      if (often) {
        const scope = `${channel} ${agent} told`;
        const last = Number(settings.get(scope, often.subject) ?? 0);
        if (now().getTime() - last < often.everyMs) return;
        settings.set(scope, often.subject, String(now().getTime()));
      }
      tell(conversation, text);
    },
  };
}
