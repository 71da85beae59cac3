import { setTimeout as sleep } from "node:timers/promises";
import type { Agent, AgentModel, RunResult } from "./agent/agent.ts";
import type { AgentEvent, StopReason } from "./agent/events.ts";
import type { InboundMessage } from "./channel/channel.ts";
import {
  answerOf,
  type Command,
  type CommandContext,
  type ParsedCommand,
  parseCommand,
  type Switches,
} from "./command/command.ts";
import type { Masking } from "./config/masking.ts";
import { createLanes, type Lane } from "./lanes.ts";
import type { Logger } from "./log.ts";
import { maskedReply } from "./masked-reply.ts";
import { messageEntries } from "./message-entries.ts";
import { ModelError } from "./model-error.ts";
import type { Reply } from "./reply.ts";
import { failure, giveUp, isOfTheDisk, sentenceFor } from "./run-failure.ts";
import type { NewEntry } from "./store/log.ts";
import type { Run } from "./store/runs.ts";
import type { Session } from "./store/sessions.ts";
import type { Store } from "./store/store.ts";

/** Takes each message from arrival to answer. */
export interface Orchestrator {
  /** Never throws: whatever goes wrong becomes an answer. */
  handle(message: InboundMessage, reply: Reply): void;
  /** Ends what is under way in a conversation and drops what waits there. */
  stop(agent: string, conversation: string): { running: boolean; dropped: number };
  /**
   * A message was taken back: ends the run that works on it. Other messages of the run are worked on without it, when
   * the inbox has it as done; what waits behind is not touched.
   */
  withdraw(message: { agent: string; conversation: string; inbox: number }): void;
  /** How many messages wait. */
  waiting(): number;
  /** Finishes what is under way; after `graceMs` it is left for the next start. */
  drain(graceMs: number): Promise<void>;
}

export interface OrchestratorOptions {
  agents: ReadonlyMap<string, OrchestratedAgent>;
  commands: readonly Command[];
  /** What commands reach, for the conversation of this message. */
  commandContext(message: InboundMessage): Omit<CommandContext, "commands" | "conversation">;
  store: Store;
  /** Known secrets are replaced in all that goes out. */
  masking: Masking;
  now(): Date;
  log: Logger;
}

export interface OrchestratedAgent {
  agent: Agent;
  switches: Switches;
  /** The model that answers in a conversation. */
  modelFor(conversation: string): AgentModel;
}

interface Item {
  message: InboundMessage;
  reply: Reply;
}

/** A run that the program began this often, and never ended, is what ends the program: it is given up. */
const mostAttempts = 3;

export function createOrchestrator(options: OrchestratorOptions): Orchestrator {
  const { agents, commands, store, now, log } = options;
  const lanes = createLanes<Item>(work);
  /** The messages that are being worked on, by lane. */
  const underWay = new Map<string, readonly Item[]>();
  /** Lanes whose run is to go on without a message that was taken back. */
  const goingOn = new Set<string>();
  const commandsUnderWay = new Set<Promise<void>>();

  function stop(agent: string, conversation: string): { running: boolean; dropped: number } {
    goingOn.delete(laneKey(agent, conversation));
    const { running, dropped } = lanes.stop(laneKey(agent, conversation));
    store.inbox.done(dropped.map(({ message }) => message.inbox));
    return { running, dropped: dropped.length };
  }

  async function runCommand(parsed: ParsedCommand, { message, reply }: Item): Promise<void> {
    const { agent, conversation, origin } = message;
    const allowed = commands.filter(({ who }) => who === "anyone" || origin === "owner");
    const context: CommandContext = {
      ...options.commandContext(message),
      commands: allowed,
      conversation: {
        clear: () => void store.sessions.begin(agent, conversation),
        stop: () => stop(agent, conversation),
      },
    };
    const text = await answerOf(parsed, context).catch((error) => sentenceFor(error, log));
    deliver([{ message, reply }], text);
  }

  async function work(lane: Lane<Item>): Promise<void> {
    const items = lane.take(sharingARun());
    if (items.length === 0) return;
    try {
      await workThrough(items, lane);
    } catch (error) {
      leaveOpen(underWay.get(lane.key) ?? items, error);
    } finally {
      underWay.delete(lane.key);
      goingOn.delete(lane.key);
    }
  }

  async function workThrough(items: readonly Item[], lane: Lane<Item>): Promise<void> {
    const batch = items.flatMap(asItStands);
    const newest = batch.at(-1);
    if (!newest) return;
    const { message, reply } = newest;
    const orchestrated = agents.get(message.agent);
    if (!orchestrated) throw new Error(`There is no agent named ${message.agent} any more.`);
    const { agent, switches, modelFor } = orchestrated;
    const { name } = agent;

    underWay.set(lane.key, batch);
    const { run, session, first } = begin(batch);
    const [verbose, reasoning] = [switches.get("verbose"), switches.get("reasoning")];
    tell(reply, { type: "run-start", agent: name, verbose, reasoning });
    let notice: string | undefined;
    const finish = ({ reason, text, entries }: RunResult): void => {
      const left = reason === "stopped" && goingOn.has(lane.key) ? batch.filter(isWanted) : [];
      const answer = reason === "stopped" ? "" : [notice, text].filter(Boolean).join("\n\n");
      if (left.length > 0) goOn(left, lane, run);
      else deliver(batch, answer, { run, entries, reason });
      tell(reply, { type: "run-end", agent: name, reason });
    };
    if (run.attempts > mostAttempts) return finish(giveUp(run, session, name, now()));

    try {
      const model = modelFor(message.conversation);
      if (first) notice = model.notice;
      const result = await agent.run({
        ...{ run, session, model, origin: message.origin, exposed: message.exposed, company: message.company },
        ...{ ask: reply.ask, reply, signal: lane.signal, onEvent: (event) => tell(reply, event) },
        steer: () => steer(lane, batch, run, session),
      });
      finish(result);
    } catch (error) {
      if (lane.signal.reason === "shutdown") return store.runs.pause(run);
      // Where it is tried again when there is room, the full disk is not the answer.
      if (reply.leftOpen && isOfTheDisk(error)) throw error;
      // One sentence answers all that wait, where asking again could only fail again.
      if (error instanceof ModelError && error.kind === "spend-limit") steer(lane, batch, run, session);
      finish(failure(sentenceFor(error, log), run, session, name, now()));
    }
  }

  /** Not even the failure could be stored: the messages stay in the inbox, and the person hears of it now. */
  function leaveOpen(items: readonly Item[], error: unknown): void {
    const { message, reply } = items.at(-1) as Item;
    const agent = agents.get(message.agent)?.agent.name ?? message.agent;
    const text = sentenceFor(error, log);
    const rows = items.map(({ message }) => message.inbox);
    if (reply.leftOpen) reply.leftOpen(rows, text);
    else tell(reply, { type: "notice", agent, text });
    tell(reply, { type: "run-end", agent, reason: "failed" });
  }

  /** What is only shown must not undo, or do again, what is done. */
  function tell(reply: Reply, event: AgentEvent): void {
    try {
      reply.show(event);
    } catch (error) {
      log.error("A channel could not show what happened", { error });
    }
  }

  /** As after a crash: the run is taken up from its last whole step. */
  function goOn(items: readonly Item[], lane: Lane<Item>, run: Run): void {
    store.runs.pause(run);
    lane.putBack(items.map(({ message, reply }) => ({ message: { ...message, run: run.id }, reply })));
  }

  function isWanted({ message }: Item): boolean {
    return store.inbox.get(message.inbox)?.doneAt === undefined;
  }

  /** A message that waited may have been edited since, or taken back. */
  function asItStands({ message, reply }: Item): Item[] {
    if (message.run !== undefined) return [{ message, reply }];
    const row = store.inbox.get(message.inbox);
    return row?.doneAt ? [] : [{ message: { ...message, text: row?.text ?? message.text }, reply }];
  }

  /** Begins a run on these messages, or takes up the one that a killed program had begun on them. */
  function begin(batch: readonly Item[]): { run: Run; session: Session; first: boolean } {
    const message = (batch[0] as Item).message;
    return store.transaction(() => {
      const resumed = message.run === undefined ? undefined : store.runs.resume(message.run);
      if (resumed) return { run: resumed, session: store.sessions.get(resumed.session), first: false };
      const session = store.sessions.current(message.agent, message.conversation);
      const first = store.log.newestFirst(session.id, 0).next().done === true;
      const run = store.runs.begin(session.id);
      take(batch, run, session);
      return { run, session, first };
    });
  }

  /** What the person wrote during the run joins it. */
  function steer(lane: Lane<Item>, batch: Item[], run: Run, session: Session): boolean {
    // After a `/clear` a message is for the fresh session.
    if (store.sessions.current(session.agent, session.conversation).id !== session.id) return false;
    const first = batch[0]?.message;
    const joins = ({ sender, exposed, run }: InboundMessage): boolean =>
      sender === first?.sender && exposed === first?.exposed && run === undefined;
    const more = lane.take(({ message }) => joins(message)).flatMap(asItStands);
    if (more.length === 0) return false;
    try {
      store.transaction(() => take(more, run, session));
    } catch (error) {
      lane.putBack(more);
      throw error;
    }
    batch.push(...more);
    return true;
  }

  function take(items: readonly Item[], run: Run, session: Session): void {
    store.log.append(items.flatMap(({ message }) => messageEntries(message, run, session)));
    store.inbox.assign(
      items.map(({ message }) => message.inbox),
      run.id,
    );
  }

  /** Stores the end of a run, its answer, and that its messages are dealt with: all at once. */
  function deliver(
    batch: readonly Item[],
    text: string,
    ended?: { run: Run; entries: NewEntry[]; reason: StopReason },
  ): void {
    const { message, reply } = batch.at(-1) as Item;
    const answers = batch.map(({ message }) => message.inbox);
    const { channel, agent, conversation } = message;
    const isTainted = ended !== undefined && ended.run.state.taints.length > 0;
    store.transaction(() => {
      if (text) {
        const isKnown = isTainted ? agents.get(agent)?.agent.isKnownAddress(ended.run) : undefined;
        const events = reply.render(text, isTainted ? (isKnown ?? (() => false)) : undefined);
        store.outbox.add({ channel, agent, conversation, events, answers });
      }
      store.inbox.done(answers);
      if (!ended) return;
      store.log.append(ended.entries);
      store.runs.end(ended.run, ended.reason);
    });
  }

  return {
    handle(message, given) {
      const reply = maskedReply(given, options.masking);
      const item = { message, reply };
      const parsed = message.run === undefined ? parseCommand(message.text, commands) : undefined;
      if (!parsed) return lanes.add(laneKey(message.agent, message.conversation), item);
      const command = runCommand(parsed, item)
        .catch((error) => leaveOpen([item], error))
        .finally(() => commandsUnderWay.delete(command));
      commandsUnderWay.add(command);
    },
    stop,
    withdraw({ agent, conversation, inbox }) {
      const key = laneKey(agent, conversation);
      const taken = underWay.get(key)?.find(({ message }) => message.inbox === inbox);
      if (!taken) return;
      // One that is wanted still, whose question was taken back, is stopped with all that belongs to it.
      if (!isWanted(taken)) goingOn.add(key);
      lanes.interrupt(key);
    },
    waiting: () => lanes.waiting(),
    async drain(graceMs) {
      const patience = sleep(graceMs, undefined, { ref: false });
      await Promise.all([lanes.drain(graceMs), Promise.race([Promise.all(commandsUnderWay), patience])]);
    },
  };
}

/** Accepts the first message and what belongs to the same run: from the same person, of the same start. */
function sharingARun(): (item: Item) => boolean {
  let first: InboundMessage | undefined;
  return ({ message }) => {
    first ??= message;
    return message.sender === first.sender && message.run === first.run && message.exposed === first.exposed;
  };
}

function laneKey(agent: string, conversation: string): string {
  return `${agent} ${conversation}`;
}
