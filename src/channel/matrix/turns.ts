/** Who speaks first, where several agents are asked in one message. */
export interface Turns {
  /** Calls `go` once all of these have spoken in the room, or none of them that has not is at work on it any more. */
  after(room: string, others: readonly string[], go: () => void, isAtWork?: (other: string) => boolean): void;
  /** An account has said something there. */
  spoke(room: string, userId: string): void;
  end(): void;
}

interface Waiting {
  room: string;
  others: Set<string>;
  timer: NodeJS.Timeout;
  go(): void;
}

/** So often those that have not spoken are looked at: the first time they may not have read so far. */
const lookEveryMs = 15_000;

export function createTurns(waitMs = lookEveryMs): Turns {
  const waiting = new Set<Waiting>();

  function release(one: Waiting): void {
    clearInterval(one.timer);
    if (waiting.delete(one)) one.go();
  }

  return {
    after(room, others, go, isAtWork = () => false) {
      if (others.length === 0) return go();
      const look = (): void => void ([...one.others].some(isAtWork) || release(one));
      const one: Waiting = { room, others: new Set(others), go, timer: setInterval(look, waitMs).unref() };
      waiting.add(one);
    },
    spoke(room, userId) {
      for (const one of [...waiting]) {
        if (one.room === room) one.others.delete(userId);
        if (one.others.size === 0) release(one);
      }
    },
    end() {
      for (const { timer } of waiting) clearInterval(timer);
      waiting.clear();
    },
  };
}
