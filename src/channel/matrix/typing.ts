import type { MatrixClient } from "matrix-js-sdk";

/** Shows that the agent is at work in a room, as long as anything there is, once it has been for a moment. */
export interface Typing {
  /** Gives what ends it; ending twice is once. */
  begin(room: string): () => void;
  endAll(): void;
}

/** What the server is told, and how often it is told again. */
const shownMs = 30_000;
const refreshMs = 20_000;
/** An answer that is there by then would only wait behind the word of it: a homeserver does one thing after the other. */
const momentMs = 300;

interface Work {
  /** How much of it there is in the room. */
  count: number;
  isShown: boolean;
  timer?: NodeJS.Timeout;
}

export function createTyping(client: Pick<MatrixClient, "sendTyping">): Typing {
  const rooms = new Map<string, Work>();

  const tell = (room: string, on: boolean): void => {
    // Best effort: the answer does not depend on it.
    client.sendTyping(room, on, on ? shownMs : 0).catch(() => {});
  };

  function showAfter(ms: number, room: string, work: Work): void {
    work.timer = setTimeout(() => {
      work.isShown = true;
      tell(room, true);
      showAfter(refreshMs, room, work);
    }, ms).unref();
  }

  function end(room: string, { isShown, timer }: Work): void {
    clearTimeout(timer);
    rooms.delete(room);
    if (isShown) tell(room, false);
  }

  return {
    begin(room) {
      const known = rooms.get(room);
      const work = known ?? { count: 0, isShown: false };
      work.count++;
      if (!known) {
        rooms.set(room, work);
        showAfter(momentMs, room, work);
      }
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        // After `endAll` the room may be at other work.
        if (--work.count === 0 && rooms.get(room) === work) end(room, work);
      };
    },
    endAll() {
      for (const [room, work] of rooms) end(room, work);
    },
  };
}
