import { randomUUID } from "node:crypto";
import type { Logger } from "../../log.ts";
import type { Ask, Decision, Question } from "../../reply.ts";
import type { Questions } from "../../store/questions.ts";
import { decisionIn, decisionOfKey, noKey, yesKey } from "./decision.ts";
import type { Incoming, IncomingMessage } from "./incoming.ts";
import type { RoomEvent } from "./outlet.ts";
import type { Sender } from "./sender.ts";

/** The open questions of one account, and what people say to them. */
export interface Approvals {
  /** Puts questions where this message was said. */
  askIn(where: AskedIn): Ask;
  /** An owner's reaction. It decides when the events that came with it are all read: `settle`. */
  reacted(reaction: Incoming & { kind: "reaction" }): void;
  /** A reaction, or the question itself, was taken back. The row of the message whose run must end, if any. */
  takenBack(event: string): AskedIn | undefined;
  /**
   * An owner's words, before they become a message. `settled`: they were the decision and nothing else; `steers`: they
   * decided no, and are to be read as well; undefined: they have nothing to do with a question.
   */
  said(message: Incoming & IncomingMessage, where: SaidIn): "settled" | "steers" | undefined;
  /** True for what reads as an answer to an open question: a reply to it, or a plain yes or no in its conversation. */
  isAbout(message: IncomingMessage, conversation: string): boolean;
  /** Decides what the reactions read so far say. */
  settle(): void;
  /** Tells people that the questions which a killed program left open are void. */
  withdrawLeft(): Promise<void>;
}

export interface AskedIn {
  conversation: string;
  room: string;
  inbox: number;
  /** The event that asks, in that conversation: the channel's own look. */
  render(text: string): RoomEvent;
  /** The same event, showing another text. */
  edit(event: string, text: string): RoomEvent;
  /** A ✅ on it is not enough, whatever the settings say. */
  inWords?: boolean;
}

export interface SaidIn {
  conversation: string;
  /** The agent, one owner, and nobody else. */
  ofTwo: boolean;
}

export interface ApprovalsOptions {
  channel: string;
  agent: string;
  questions: Questions;
  sender: Sender;
  /** `text`: a yes must be said. Clients send reactions unencrypted, so that whoever runs the homeserver could make one. */
  yesBy: YesBy;
  log: Logger;
}

export type YesBy = "reaction" | "text";

interface Open {
  where: AskedIn;
  /** Known once the question has left. */
  event: string | undefined;
  reactions: Map<string, "yes" | "no">;
  /** Nothing was said in its room since it was asked. */
  nextCounts: boolean;
  decide(decision: Decision): void;
}

/** Reactions that may be for a question whose event id is not known yet. */
const mostEarly = 50;

export function createApprovals(options: ApprovalsOptions): Approvals {
  const { channel, agent, questions, sender, yesBy, log } = options;
  const open = new Set<Open>();
  let early: { reaction: string; of: string; decision: "yes" | "no" }[] = [];

  const mustBeSaid = ({ inWords }: AskedIn): boolean => inWords === true || yesBy === "text";
  const byEvent = (event: string): Open | undefined => [...open].find((one) => one.event === event);

  function note(question: Open, reaction: string, decision: "yes" | "no"): void {
    question.reactions.set(reaction, decision);
  }

  function settle(): void {
    for (const question of open) {
      // A no beats a yes.
      const decisions = new Set(question.reactions.values());
      if (decisions.has("no")) question.decide({ no: "" });
      else if (decisions.has("yes") && !mustBeSaid(question.where)) question.decide("yes");
    }
  }

  async function ask(where: AskedIn, { text }: Question, signal: AbortSignal): Promise<Decision> {
    const how = mustBeSaid(where) ? "Reply to this with yes or no, in words." : `${yesKey} yes · ${noKey} no`;
    const asking = where.render(`${text}\n\n${how}`);
    const transaction = randomUUID();
    const { conversation, room } = where;
    const stored = questions.open({ channel, agent, conversation, transaction, event: asking });
    const { promise, resolve } = Promise.withResolvers<Decision>();
    const question: Open = { where, event: undefined, reactions: new Map(), nextCounts: true, decide: resolve };
    const expire = (): void => resolve("expired");
    signal.addEventListener("abort", expire);
    if (signal.aborted) expire();
    open.add(question);

    const sent = sender
      .send(room, asking, transaction, signal)
      .then((event) => {
        question.event = event;
        for (const one of early.filter(({ of }) => of === event)) note(question, one.reaction, one.decision);
        early = early.filter(({ of }) => of !== event);
        settle();
        if (!mustBeSaid(where)) layOn(room, event);
      })
      .catch((error) => {
        if (signal.aborted) return;
        log.warn("A question could not be asked", { error });
        resolve("expired");
      });

    const decision = await promise;
    signal.removeEventListener("abort", expire);
    open.delete(question);
    // The program is closing: the question stays as it is, and is withdrawn at the next start.
    if (signal.reason === "shutdown") return decision;
    questions.close(stored);
    void sent.then(() => question.event && show(where, question.event, `${text}\n\n${outcome(decision, signal)}`));
    return decision;
  }

  function layOn(room: string, event: string): void {
    for (const key of [yesKey, noKey]) void sender.try(room, reactionTo(event, key));
  }

  function show(where: AskedIn, event: string, text: string): void {
    void sender.try(where.room, where.edit(event, text), { patient: true });
  }

  return {
    askIn: (where) => (question, signal) => ask(where, question, signal),

    reacted({ id, of, key }) {
      const decision = decisionOfKey(key);
      if (!decision) return;
      const question = byEvent(of);
      if (question) return note(question, id, decision);
      const mayBeEarly = [...open].some(({ event }) => event === undefined);
      if (mayBeEarly) early = [...early, { reaction: id, of, decision }].slice(-mostEarly);
    },

    takenBack(event) {
      early = early.filter(({ reaction }) => reaction !== event);
      for (const question of open) question.reactions.delete(event);
      const question = byEvent(event);
      question?.decide({ no: "" });
      return question?.where;
    },

    said({ room, repliesTo, body }, { conversation, ofTwo }) {
      const here = [...open].filter(({ where }) => where.room === room);
      const [only] = here;
      const plainCounts = ofTwo && here.length === 1 && only?.nextCounts && only.where.conversation === conversation;
      for (const question of here) question.nextCounts = false;

      const answered = repliesTo === undefined ? undefined : byEvent(repliesTo);
      const question = answered ?? (plainCounts && repliesTo === undefined ? only : undefined);
      if (!question || question.event === undefined) return undefined;
      const decision = decisionIn(body);
      if (decision === "yes") question.decide("yes");
      else question.decide({ no: decision === "no" ? "" : body });
      return decision ? "settled" : "steers";
    },

    isAbout({ repliesTo, body }, conversation) {
      if (repliesTo !== undefined) return byEvent(repliesTo) !== undefined;
      return decisionIn(body) !== undefined && [...open].some(({ where }) => where.conversation === conversation);
    },
    settle,

    async withdrawLeft() {
      for (const left of questions.left(channel, agent)) {
        const { id, conversation, transaction, event } = left;
        const room = conversation.slice(channel.length + 1).split("/$")[0] ?? "";
        // Sent again under its own transaction: that gives its id, whether it had left or not.
        const asked = event as RoomEvent;
        const eventId = await sender.send(room, asked, transaction, AbortSignal.timeout(30_000)).catch(() => undefined);
        if (eventId === undefined) continue;
        const body = `${String(asked.content.body).split("\n\n").slice(0, -1).join("\n\n")}\n\n${withdrawn}`;
        await sender.try(room, editOf(eventId, { msgtype: asked.content.msgtype, body }), { patient: true });
        questions.close(id);
      }
    },
  };
}

const withdrawn = "⌛ Withdrawn: I was started anew before you decided.";

function outcome(decision: Decision, signal: AbortSignal): string {
  if (decision === "yes") return `${yesKey} Yes.`;
  if (decision === "expired")
    return signal.reason === "stop" ? "⌛ Stopped before you decided." : "⌛ Not decided in time: not done.";
  return decision.no ? `${noKey} No: I read what you wrote instead.` : `${noKey} No.`;
}

export function reactionTo(event: string, key: string): RoomEvent {
  return {
    type: "m.reaction",
    content: { "m.relates_to": { rel_type: "m.annotation", event_id: event, key } },
  };
}

/** The event that makes an earlier one show this content. */
export function editOf(event: string, content: Record<string, unknown>): RoomEvent {
  return {
    type: "m.room.message",
    content: {
      ...content,
      body: `* ${String(content.body)}`,
      "m.mentions": {},
      "m.new_content": { ...content, "m.mentions": {} },
      "m.relates_to": { rel_type: "m.replace", event_id: event },
    },
  };
}
