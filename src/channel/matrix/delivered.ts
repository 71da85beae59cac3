import { Direction, type MatrixClient } from "matrix-js-sdk";

/** In what we send, the transaction under which it left: by it an answer is found again when the server forgot. */
export const transactionKey = "org.memtrix.transaction";

const mostEvents = 1_000;

/**
 * Looks in the room for an event of ours that was sent under this transaction after `since`; its id, or undefined when
 * it never arrived.
 */
export async function findDelivered(
  client: MatrixClient,
  room: string,
  transaction: string,
  since: Date,
): Promise<string | undefined> {
  const mapper = client.getEventMapper();
  let from: string | null = null;
  for (let seen = 0; seen < mostEvents; ) {
    const page = await client.createMessagesRequest(room, from, 100, Direction.Backward);
    for (const raw of page.chunk) {
      seen++;
      if (raw.sender !== client.getSafeUserId()) continue;
      if (raw.unsigned?.transaction_id === transaction) return raw.event_id;
      const event = mapper(raw);
      await client.decryptEventIfNeeded(event);
      if (event.getOriginalContent()[transactionKey] === transaction) return raw.event_id;
    }
    const oldest = page.chunk.at(-1);
    const hour = 3_600_000;
    if (!page.end || !oldest || oldest.origin_server_ts < since.getTime() - hour) return undefined;
    from = page.end;
  }
  return undefined;
}
