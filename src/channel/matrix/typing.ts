import type { MatrixClient } from "matrix-js-sdk";

/** Shows that the agent is at work in a room, as long as anything there is. */
export interface Typing {
  /** Gives what ends it; ending twice is once. */
  begin(room: string): () => void;
  endAll(): void;
}

/** What the server is told, and how often it is told again. */
const shownMs = 30_000;
const refreshMs = 20_000;

export function createTyping(client: Pick<MatrixClient, "sendTyping">): Typing {
  const rooms = new Map<string, { count: number; timer: NodeJS.Timeout }>();

  const tell = (room: string, on: boolean): void => {
    // Best effort: the answer does not depend on it.
    client.sendTyping(room, on, on ? shownMs : 0).catch(() => {});
  };

  function end(room: string): void {
    const one = rooms.get(room);
    if (!one || --one.count > 0) return;
    clearInterval(one.timer);
    rooms.delete(room);
    tell(room, false);
  }

  return {
    begin(room) {
      const one = rooms.get(room);
      if (one) one.count++;
      else {
        rooms.set(room, { count: 1, timer: setInterval(tell, refreshMs, room, true).unref() });
        tell(room, true);
      }
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        end(room);
      };
    },
    endAll() {
      for (const [room, { timer }] of rooms) {
        clearInterval(timer);
        tell(room, false);
      }
      rooms.clear();
    },
  };
}
