import { Direction, type MatrixClient } from "matrix-js-sdk";
import { z } from "zod";
import type { Inbox } from "../../store/inbox.ts";
import type { MatrixConnection } from "./connection.ts";

/**
 * In what we send, the ids of the messages that it answers. It stands outside of what is encrypted: a copy of us that was
 * restored from a backup sees by it what was answered since, also where it lacks the key.
 */
export const answersKey = "org.memtrix.answers";
/** More in one answer are not named. */
export const mostAnswers = 50;

const content = z.object({ [answersKey]: z.array(z.string()).catch([]) }).partial();
const mostEvents = 2_000;
/** The homeserver's clock is not ours. */
const slackMs = 3_600_000;

/** What an account that was restored from a backup has answered since the backup, when another program still had it. */
export interface AnsweredElsewhere {
  /** Looks into the rooms; of the inbox what is found there is done. Nothing to do for an account that was always here. */
  find(): Promise<void>;
  has(event: string): boolean;
  /** What came while nobody was here was handed over. The next start looks again while a message waits for its key. */
  caughtUp(): void;
}

export interface AnsweredElsewhereOptions {
  channel: string;
  agent: string;
  connection: Pick<MatrixConnection, "client" | "restored" | "health">;
  inbox: Pick<Inbox, "open" | "done">;
}

export function createAnsweredElsewhere({
  channel,
  agent,
  connection,
  inbox,
}: AnsweredElsewhereOptions): AnsweredElsewhere {
  let answered: ReadonlySet<string> = new Set();
  return {
    async find() {
      if (!connection.restored) return;
      answered = await answersSince(connection.client, connection.restored.from);
      const open = inbox.open(channel).filter((row) => row.agent === agent && answered.has(row.event));
      inbox.done(open.map(({ id }) => id));
    },
    has: (event) => answered.has(event),
    caughtUp() {
      if (connection.health().waitingForKeys === 0) connection.restored?.settled();
    },
  };
}

async function answersSince(client: MatrixClient, since: Date): Promise<Set<string>> {
  const answered = new Set<string>();
  for (const room of (await client.getJoinedRooms()).joined_rooms) {
    let from: string | null = null;
    for (let seen = 0; seen < mostEvents; ) {
      const page = await client.createMessagesRequest(room, from, 100, Direction.Backward);
      for (const raw of page.chunk) {
        if (raw.sender !== client.getSafeUserId()) continue;
        for (const id of content.safeParse(raw.content).data?.[answersKey] ?? []) answered.add(id);
      }
      seen += page.chunk.length;
      const oldest = page.chunk.at(-1);
      if (!page.end || !oldest || oldest.origin_server_ts < since.getTime() - slackMs) break;
      from = page.end;
    }
  }
  return answered;
}
