import type { TestUser } from "../support/synapse.ts";

export interface HomeserverAloneOptions {
  url: string;
  person: TestUser;
  /** Who answers. */
  other: TestUser;
  rooms: readonly string[];
  rounds: number;
}

/** As long as an encrypted message. */
const content = { text: "x".repeat(600) };

/** How long a homeserver takes for a message and its answer when nobody encrypts, reads or thinks between them. */
export async function homeserverAlone(
  options: HomeserverAloneOptions,
): Promise<{ aloneMs: number[]; atOnceMs: number[] }> {
  const { url, person, other, rooms, rounds } = options;
  let count = 0;

  async function ask(path: string, { accessToken }: TestUser, body?: object): Promise<Record<string, unknown>> {
    const headers = { authorization: `Bearer ${accessToken}` };
    const request = body ? { headers, method: "PUT", body: JSON.stringify(body) } : { headers };
    const response = await fetch(`${url}/_matrix/client/v3/rooms/${path}`, request);
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  }

  async function send(room: string, user: TestUser): Promise<string> {
    count++;
    const path = `${encodeURIComponent(room)}/send/memtrix.bench/${Date.now()}-${count}`;
    return String((await ask(path, user, content)).event_id);
  }

  async function exchange(room: string): Promise<Exchange> {
    const question = await send(room, person);
    return { room, question, answer: await send(room, other) };
  }

  /** By the homeserver's own clock, as for the others. */
  async function serverMs({ room, question, answer }: Exchange): Promise<number> {
    const timeOf = async (event: string): Promise<number> =>
      Number((await ask(`${encodeURIComponent(room)}/event/${encodeURIComponent(event)}`, person)).origin_server_ts);
    return (await timeOf(answer)) - (await timeOf(question));
  }

  const alone: Exchange[] = [];
  const atOnce: Exchange[] = [];
  for (const room of rooms) alone.push(await exchange(room));
  for (let round = 0; round < rounds; round++) atOnce.push(...(await Promise.all(rooms.map(exchange))));
  return { aloneMs: await Promise.all(alone.map(serverMs)), atOnceMs: await Promise.all(atOnce.map(serverMs)) };
}

interface Exchange {
  room: string;
  question: string;
  answer: string;
}
