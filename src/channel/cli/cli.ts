import { randomUUID } from "node:crypto";
import { z } from "zod";
import { diskProblem, messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import type { Reply } from "../../reply.ts";
import type { Inbox, InboxRow, NewMessage } from "../../store/inbox.ts";
import type { Outbox, OutboxRow } from "../../store/outbox.ts";
import type { Channel, InboundMessage } from "../channel.ts";
import type { CommandSummary } from "./completion.ts";
import type { Display } from "./display.ts";
import { createInkDisplay } from "./ink-display.ts";
import { createPlainDisplay, type PlainMode } from "./plain.ts";

/** The terminal as a channel: one conversation with one agent. */
export interface CliChannel extends Channel {
  /** Settles with the exit code once the person has left, or the input is at its end and all is answered. */
  readonly left: Promise<number>;
}

export interface CliOptions {
  inbox: Pick<Inbox, "add" | "open">;
  outbox: Pick<Outbox, "add" | "waiting" | "sent" | "watch">;
  /** The id of the agent that is talked to. */
  agent: string;
  /** As its owner calls it. */
  agentName: string;
  /** Without the channel's name. */
  conversation?: string;
  /** What Tab completes, names without a slash. */
  commands: readonly CommandSummary[];
  /** Stops the run under way in this conversation, as `/stop` does. */
  stop(conversation: string): void;
  mode: CliMode;
  stdin?: NodeJS.ReadStream;
  stdout?: NodeJS.WriteStream;
  stderr?: NodeJS.WriteStream;
  /** For times of day. The machine's own when left out. */
  timezone?: string;
  now?(): Date;
  log?: Logger;
}

/** `screen`: needs a terminal on both sides; `historyFile` keeps what was typed. */
export type CliMode = { kind: "screen"; historyFile: string } | PlainMode;

const name = "cli";
const textEvent = z.object({ kind: z.literal("text"), text: z.string() });

export function createCliChannel(options: CliOptions): CliChannel {
  const { inbox, outbox, agent, log, now = () => new Date() } = options;
  const conversation = `${name}:${options.conversation ?? "terminal"}`;
  const display = displayFor(options);
  const { promise: left, resolve: leave } = Promise.withResolvers<number>();

  const owed = new Set<number>();
  const handedOver = new Set<number>();
  let delivery = Promise.resolve();
  let unwatch = () => {};
  let closed = false;

  const isOurs = (row: InboxRow | OutboxRow) => row.conversation === conversation && row.agent === agent;

  function replyTo(message: InboundMessage): Reply {
    return {
      show(event) {
        void display.show({ type: "event", message: message.inbox, event }).catch(() => {});
        // A run may end without an answer of its own; what it was owed must not be waited for.
        if (event.type === "run-end")
          void deliverSoon().then(() => (event.reason === "failed" ? giveUp(message.inbox) : undefined));
      },
      render: (text) => [{ kind: "text", text }],
      ask: display.ask,
      async sendFile({ path, bytes, caption }) {
        const text = [caption, `The file is in the workspace: \`${path}\` (${bytes.byteLength} bytes)`];
        const event = { kind: "text", text: text.filter(Boolean).join("\n\n") };
        outbox.add({ channel: name, agent, conversation, events: [event], answers: [message.inbox] });
      },
      react: (emoji) => {
        const event = { type: "notice", agent: options.agentName, text: emoji } as const;
        void display.show({ type: "event", message: message.inbox, event }).catch(() => {});
      },
      others: async () => [],
    };
  }

  async function deliver(): Promise<void> {
    if (closed) return;
    for (const row of outbox.waiting(name).filter(isOurs)) {
      if (handedOver.has(row.id)) continue;
      handedOver.add(row.id);
      const shown = await show(row);
      // What could not be shown stays in the outbox, for the next visit.
      if (shown) noteSent(row.id);
    }
    const open = new Set(inbox.open(name).map(({ id }) => id));
    await settle((id) => !open.has(id));
  }

  function noteSent(row: number): void {
    try {
      outbox.sent(row);
    } catch (error) {
      log?.error("The answer was shown; that could not be noted, so it will be shown again", { error });
    }
  }

  async function settle(isSettled: (message: number) => boolean): Promise<void> {
    const settled = [...owed].filter(isSettled);
    for (const id of settled) owed.delete(id);
    if (settled.length > 0) await display.show({ type: "settled", messages: settled }).catch(() => {});
  }

  /** A run whose end could not be stored leaves its messages in the inbox, for the next start. They come in order. */
  function giveUp(newest: number): Promise<void> {
    return settle((id) => id <= newest);
  }

  function show({ answers, event }: OutboxRow): Promise<boolean> {
    const { success, data } = textEvent.safeParse(event);
    const text = success ? data.text : "(An answer that this version of the program cannot show.)";
    return display.show({ type: "answer", agent: options.agentName, text, answers }).then(
      () => true,
      () => false,
    );
  }

  /** Undefined, and said, when the message cannot be written down. */
  function keep(message: NewMessage): number | undefined {
    try {
      return inbox.add(message);
    } catch (error) {
      log?.error("A message could not be kept", { error });
      const text = `Your message could not be kept. ${diskProblem(error) ?? messageOf(error)}`;
      void display.show({ type: "refused", text }).catch(() => {});
      return undefined;
    }
  }

  function deliverSoon(): Promise<void> {
    delivery = delivery.then(deliver).catch((error) => log?.error("The terminal could not deliver", { error }));
    return delivery;
  }

  return {
    name,
    left,

    async start(onMessage) {
      const earlier = inbox.open(name).filter(isOurs);
      for (const { id } of earlier) owed.add(id);
      await display.open();
      unwatch = outbox.watch(name, () => void deliverSoon());
      await deliverSoon();
      for (const row of earlier) {
        const message = inboundFrom(row);
        void display.show({ type: "resumed", message });
        onMessage(message, replyTo(message));
      }

      display.read({
        send(text) {
          const said = {
            channel: name,
            agent,
            conversation,
            sender: "owner",
            origin: "owner",
            text,
            at: now(),
          } as const;
          const id = keep({ ...said, event: randomUUID() });
          if (id === undefined) return;
          const message: InboundMessage = { ...said, inbox: id };
          owed.add(id);
          void display.show({ type: "said", message });
          onMessage(message, replyTo(message));
        },
        stop: () => options.stop(conversation),
        leave,
      });
    },

    async stop() {
      display.stop();
    },

    async close() {
      unwatch();
      await deliverSoon();
      closed = true;
      await display.close();
    },
  };
}

function displayFor({ mode, ...options }: CliOptions): Display {
  const { stdin = process.stdin, stdout = process.stdout, stderr = process.stderr, timezone, now } = options;
  const terminal = { stdin, stdout, stderr, timezone, now: now ?? (() => new Date()) };
  if (mode.kind !== "screen") return createPlainDisplay({ ...terminal, mode });
  const { agentName, commands } = options;
  return createInkDisplay({ ...terminal, agent: agentName, commands, historyFile: mode.historyFile });
}

function inboundFrom({ id, event: _, run, ...row }: InboxRow): InboundMessage {
  return { ...row, inbox: id, ...(run === undefined ? {} : { run }) };
}
