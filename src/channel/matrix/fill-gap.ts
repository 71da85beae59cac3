import { Direction, type IEvent, type MatrixClient } from "matrix-js-sdk";

export interface Gap {
  /** What was said between the last event known and the first that the sync brought, in order. */
  events: Partial<IEvent>[];
  /** False when there is more than we fetch: what is older is not among the events. */
  complete: boolean;
}

export const mostEvents = 1_000;
const pageSize = 100;

/** Goes back from `from` to the last event that `isKnown`. */
export async function fillGap(
  client: MatrixClient,
  room: string,
  from: string,
  isKnown: (event: string) => boolean,
): Promise<Gap> {
  const newestFirst: Partial<IEvent>[] = [];
  let token: string | undefined = from;
  while (token !== undefined && newestFirst.length < mostEvents) {
    const page: Awaited<ReturnType<MatrixClient["createMessagesRequest"]>> = await client.createMessagesRequest(
      ...([room, token, pageSize, Direction.Backward] as const),
    );
    for (const event of page.chunk) {
      if (isKnown(event.event_id ?? "")) return { events: newestFirst.reverse(), complete: true };
      newestFirst.push(event);
    }
    token = page.end === token ? undefined : page.end;
  }
  return { events: newestFirst.reverse(), complete: token === undefined };
}
