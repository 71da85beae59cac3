import type { MatrixEvent, Room } from "matrix-js-sdk";
import { onTestFinished } from "vitest";
import {
  type ConnectionHandlers,
  type ConnectionOptions,
  type MatrixConnection,
  openMatrixConnection,
} from "../../src/channel/matrix/connection.ts";
import { silent } from "../../src/log.ts";
import type { TestUser } from "./synapse.ts";

export interface TestConnection extends MatrixConnection {
  /** Texts that others wrote, as they were handed over; those that came late say so. */
  heard: string[];
  /** Every event that was handed over, by its id. */
  handedOver: string[];
  gaps: { count: number; complete: boolean }[];
}

/** A connection of this test alone that joins where it is invited, and writes down what it hears. Closed with the test. */
export async function openTestConnection(
  user: TestUser,
  options: Pick<ConnectionOptions, "homeserver" | "directory"> & Partial<ConnectionOptions>,
  handlers: Partial<ConnectionHandlers> = {},
): Promise<TestConnection> {
  const { userId, accessToken } = user;
  const connection = await openMatrixConnection({
    ...{ userId, accessToken, log: silent, now: () => new Date() },
    ...options,
  });
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await connection.close();
    isOpen = false;
  };
  onTestFinished(close);

  const heard: string[] = [];
  const handedOver: string[] = [];
  const gaps: TestConnection["gaps"] = [];
  const isMessage = (event: MatrixEvent) => event.getType() === "m.room.message" && event.getSender() !== userId;
  return {
    ...connection,
    ...{ heard, handedOver, gaps, close },
    start: () =>
      connection.start({
        async onEvents(_room: Room, events, gap) {
          if (gap) gaps.push(gap);
          for (const event of events) handedOver.push(event.getId() ?? "");
          heard.push(...events.filter(isMessage).map((event) => String(event.getContent().body)));
        },
        async onDecrypted(event) {
          handedOver.push(event.getId() ?? "");
          heard.push(`late: ${event.getContent().body}`);
        },
        async onInvite(room) {
          await connection.client.joinRoom(room.roomId);
        },
        ...handlers,
      }),
  };
}
