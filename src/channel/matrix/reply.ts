import type { AgentEvent } from "../../agent/events.ts";
import type { OutboundEvent, OutboundFile, Reply } from "../../reply.ts";
import type { Inbox } from "../../store/inbox.ts";
import type { Outbox, OutboxKind } from "../../store/outbox.ts";
import { type Approvals, editOf, reactionTo } from "./approvals.ts";
import { type FormatOptions, type FormattedMessage, formatMessage, formatNotice } from "./format.ts";
import { createLiveMessage, type LiveMessage } from "./live-message.ts";
import { type RoomEvent, redactionOf } from "./outlet.ts";
import type { Pace } from "./pace.ts";
import type { Place } from "./place.ts";
import type { Sender } from "./sender.ts";
import { callLine, resultLine } from "./tool-lines.ts";
import type { Typing } from "./typing.ts";

/** What all replies of one account share. */
export interface ReplyParts {
  channel: string;
  agent: string;
  inbox: Pick<Inbox, "setDraft">;
  outbox: Pick<Outbox, "add">;
  sender: Sender;
  pace: Pace;
  typing: Typing;
  approvals: Approvals;
  /** Show the answer while it is being written. */
  streaming: boolean;
  /** Lay 👀 on a message whose answer takes long. */
  eyes: boolean;
  format: Pick<FormatOptions, "mentions">;
  /** Uploads a file; gives the content of the message that shows it. */
  upload(room: string, file: OutboundFile, signal: AbortSignal): Promise<Record<string, unknown>>;
  /** The people in a room, and invited to it, who are no owners. */
  others(room: string): Promise<string[]>;
}

/** The message that is replied to. */
export interface RepliedTo extends Place {
  inbox: number;
  event: string;
  conversation: string;
  /** Point at the message: more than two are in the room. */
  quoting: boolean;
  /** The message into which an earlier start of the program was streaming the answer. */
  draft: string | undefined;
}

const longWorkMs = 10_000;

/** What is shown on the way to an answer may say whatever a page wants: nothing in it can be followed. */
const inert = { isAllowedLink: () => false };

/** The way back to the person who wrote one message in a room. */
export function createReply(parts: ReplyParts, to: RepliedTo): Reply {
  const { channel, agent, sender, pace, outbox } = parts;
  const { room, conversation } = to;
  const edit = (event: string, shown: RoomEvent): RoomEvent => editOf(event, withoutRelation(shown.content));
  const live = (more: { begun?: string | undefined; onSent?(event: string): void } = {}): LiveMessage =>
    createLiveMessage({ room, sender, pace, edit, ...more });

  const newDraft = (begun?: string): LiveMessage =>
    live({ begun, onSent: (event) => parts.inbox.setDraft(to.inbox, event) });

  let draft = parts.streaming || to.draft ? newDraft(to.draft) : undefined;
  let tools: LiveMessage | undefined;
  let lines: string[] = [];
  const lineOfCall = new Map<string, number>();
  let [verbose, reasoning] = [false, false];
  let [text, thinking] = ["", ""];
  /** The answer has taken the draft's place. */
  let isRendered = false;
  let endTyping = (): void => {};
  let eyes: NodeJS.Timeout | undefined;
  let eyesEvent: Promise<string | undefined> | undefined;

  function placed(content: FormattedMessage, first = true): RoomEvent {
    return { type: "m.room.message", content: { ...content, ...relation(to, first) } };
  }

  function notices(markdown: string, summary?: string): RoomEvent[] {
    return formatNotice(markdown, { ...inert, ...(summary === undefined ? {} : { summary }) }).map((content) =>
      placed(content),
    );
  }

  function later(events: RoomEvent[], kind: OutboxKind): void {
    if (events.length > 0) outbox.add({ channel, agent, conversation, events, answers: [to.inbox], kind });
  }

  function line(call: string, shown: string): void {
    const index = lineOfCall.get(call) ?? lines.push(shown) - 1;
    lineOfCall.set(call, index);
    lines[index] = shown;
    showTools();
  }

  function showTools(): void {
    tools ??= live();
    const [notice] = notices(lines.map((one) => `- ${one}`).join("\n"));
    if (notice) tools.show(notice);
  }

  function show(event: AgentEvent): void {
    switch (event.type) {
      case "run-start":
        [verbose, reasoning] = [event.verbose, event.reasoning];
        endTyping = parts.typing.begin(room);
        if (parts.eyes) eyes = setTimeout(lookAtIt, longWorkMs).unref();
        return;
      case "model-wait":
        if (verbose || /load/i.test(event.text)) line(`wait ${event.text}`, event.text);
        return;
      case "thinking-delta":
        if (reasoning) thinking += event.text;
        return;
      case "text-delta":
        text += event.text;
        showDraft();
        return;
      case "text-reset":
        text = "";
        return;
      case "step-end":
        if (verbose && event.text && text === "") lines.push(event.text.slice(0, 300));
        text = "";
        return;
      case "tool-start":
        if (verbose) line(event.call.id, callLine(event.call));
        return;
      case "tool-progress":
        if (verbose) line(event.call.id, `${callLine(event.call)} (${event.text})`);
        return;
      case "tool-end":
        if (verbose) line(event.call.id, resultLine(event));
        return;
      case "notice":
        later(notices(event.text), "notice");
        return;
      case "run-end":
        end();
    }
  }

  function showDraft(): void {
    // Nobody is mentioned by what is not finished.
    const [content] = draft && text.trim() ? formatMessage(`${text.trimEnd()} …`, inert) : [];
    if (content) draft?.show(placed(content));
  }

  function lookAtIt(): void {
    eyesEvent = sender.try(room, reactionTo(to.event, "👀"));
  }

  function end(): void {
    endTyping();
    clearTimeout(eyes);
    void eyesEvent?.then(takeBack);
    if (!isRendered) dropDraft();
    void tools?.finish();
    if (reasoning && thinking.trim()) later(notices(thinking.trim(), "Thinking"), "notice");
    [lines, text, thinking] = [[], "", ""];
    lineOfCall.clear();
    tools = undefined;
  }

  function takeBack(event: string | undefined): void {
    if (event !== undefined) later([redactionOf(event)], "notice");
  }

  /** No answer came of it, or it stands elsewhere. What is on its way has no id yet: it is taken back when it has. */
  function dropDraft(): void {
    const begun = draft?.event;
    draft?.leave(takeBack);
    if (begun === undefined) return;
    takeBack(begun);
    parts.inbox.setDraft(to.inbox, undefined);
    draft = newDraft();
  }

  function render(markdown: string, isAllowedLink?: (address: string) => boolean): OutboundEvent[] {
    const [first, ...more] = formatMessage(markdown, { ...parts.format, ...(isAllowedLink && { isAllowedLink }) });
    if (!first) return [];
    const begun = draft?.event;
    // A draft that is on its way has no id to be edited by: it is taken back when it has one.
    draft?.leave(takeBack);
    isRendered = true;
    const beginning = begun ? finalEditOf(begun, first) : placed(first);
    return [beginning, ...more.map((content) => placed(content, false))];
  }

  const plain = (markdown: string): RoomEvent => {
    const [content] = formatMessage(markdown, parts.format);
    return placed(content ?? { ...emptyMessage });
  };

  return {
    show(event) {
      try {
        show(event);
      } catch {
        // What is shown beside an answer must not stop the work on it.
      }
    },
    render,
    ask: parts.approvals.askIn({
      ...{ conversation, room, inbox: to.inbox },
      render: plain,
      edit: (event, markdown) => edit(event, plain(markdown)),
    }),
    async sendFile(file, signal) {
      const content = await parts.upload(room, file, signal);
      const event = { type: "m.room.message", content: { ...content, ...relation(to, true) } };
      outbox.add({ channel, agent, conversation, events: [event], answers: [to.inbox] });
    },
    react: (emoji) => later([reactionTo(to.event, emoji)], "answer"),
    others: () => parts.others(room),
  };
}

const emptyMessage: FormattedMessage = {
  ...{ msgtype: "m.text", body: "", format: "org.matrix.custom.html", formatted_body: "" },
  "m.mentions": {},
};

function relation({ thread, event, quoting }: RepliedTo, first: boolean): Record<string, unknown> {
  if (thread)
    return {
      "m.relates_to": {
        ...{ rel_type: "m.thread", event_id: thread, is_falling_back: true },
        "m.in_reply_to": { event_id: event },
      },
    };
  return quoting && first ? { "m.relates_to": { "m.in_reply_to": { event_id: event } } } : {};
}

/** A draft mentions nobody: who is mentioned hears of it by the edit that makes it the answer. */
function finalEditOf(draft: string, answer: FormattedMessage): RoomEvent {
  const { type, content } = editOf(draft, { ...answer });
  return { type, content: { ...content, "m.mentions": answer["m.mentions"], "m.new_content": { ...answer } } };
}

function withoutRelation({ "m.relates_to": _, ...content }: Record<string, unknown>): Record<string, unknown> {
  return content;
}
