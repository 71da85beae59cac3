import type { MatrixClient } from "matrix-js-sdk";
import { diskProblem, messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import type { Reply } from "../../reply.ts";
import type { Inbox, InboxRow } from "../../store/inbox.ts";
import type { InboundMessage } from "../channel.ts";
import type { Attachments } from "./attachments.ts";
import { createBurst } from "./burst.ts";
import { messageIn } from "./inbound-message.ts";
import { placeOf } from "./place.ts";
import { sendReceipt } from "./receipt.ts";

/** Gives the agent what stands in its inbox. */
export interface Intake {
  /** What was left of an earlier start, then all that is stored. */
  begin(onMessage: OnMessage): Promise<void>;
  /** A row was stored: it is handed over when the burst is over that it belongs to. */
  stored(id: number): void;
  /** Hands rows over that were handed over before, and are open still. */
  again(ids: readonly number[]): void;
  /** Nothing more is handed over; what waits comes at the next start. */
  end(): void;
  /** Resolves when what is being handed over is. */
  settled(): Promise<void>;
}

export type OnMessage = (message: InboundMessage, reply: Reply) => void;

export interface IntakeOptions {
  channel: string;
  agent: string;
  inbox: Inbox;
  attachments: Attachments;
  client: Pick<MatrixClient, "http">;
  burstMs: number;
  /** `draft`: into which the answer was being streamed when the program was ended. */
  replyTo(row: InboxRow, draft: string | undefined): Reply;
  /** The names of other agents where this was said. */
  companyIn(conversation: string): string[];
  /** Rows of one conversation could not be handed over; why, in a sentence. */
  onLeft(conversation: string, ids: readonly number[], why: string): void;
  log: Logger;
}

export function createIntake(options: IntakeOptions): Intake {
  const { channel, agent, inbox, attachments, client, replyTo, companyIn, log } = options;
  const burst = createBurst<number>(options.burstMs, (rows) => void handOver(rows));
  let onMessage: OnMessage = () => {};
  let handingOver = Promise.resolve();

  function handOver(ids: readonly number[]): Promise<void> {
    handingOver = handingOver.then(async () => {
      for (const id of ids) await attachments.fetch(id);
      // What is handed over without a pause between is taken together.
      const rows = ids.flatMap((id) => inbox.get(id) ?? []).filter((row) => row.doneAt === undefined);
      // The newest of a run answers for all of it.
      const drafts = new Map(rows.flatMap(({ run, draft }) => (run !== undefined && draft ? [[run, draft]] : [])));
      for (const row of rows)
        onMessage(messageIn(row, companyIn(row.conversation)), replyTo(row, row.draft ?? drafts.get(row.run ?? 0)));
      const last = rows.at(-1);
      const room = last && placeOf(channel, last.conversation)?.room;
      if (room) sendReceipt(client, room, last.event);
    });
    handingOver = handingOver.catch((error) => {
      log.error("A message could not be handed over", { error });
      const row = inbox.get(ids[0] ?? 0);
      if (row) options.onLeft(row.conversation, ids, diskProblem(error) ?? `Something went wrong: ${messageOf(error)}`);
    });
    return handingOver;
  }

  return {
    async begin(deliver) {
      onMessage = deliver;
      const open = inbox.open(channel).filter((row) => row.agent === agent);
      await handOver(open.map(({ id }) => id));
    },
    stored(id) {
      const row = inbox.get(id);
      if (!row) return;
      const key = `${row.conversation} ${row.sender}`;
      burst.add(key, id);
      // Commands do not wait, and neither does what stands before them.
      if (/^[/!][a-z]/i.test(row.text)) burst.flush(key);
    },
    again: (ids) => void handOver(ids),
    end: burst.clear,
    settled: () => handingOver,
  };
}
