/** Who speaks first, where several agents are asked in one message. */
export interface Turns {
  /** Calls `go` once all of these have spoken in the room, at the latest after a while. */
  after(room: string, others: readonly string[], go: () => void): void;
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

const longestWaitMs = 60_000;

export function createTurns(waitMs = longestWaitMs): Turns {
  const waiting = new Set<Waiting>();

  function release(one: Waiting): void {
    clearTimeout(one.timer);
    if (waiting.delete(one)) one.go();
  }

  return {
    after(room, others, go) {
      if (others.length === 0) return go();
      const one: Waiting = { room, others: new Set(others), go, timer: setTimeout(() => release(one), waitMs).unref() };
      waiting.add(one);
    },
    spoke(room, userId) {
      for (const one of [...waiting]) {
        if (one.room === room) one.others.delete(userId);
        if (one.others.size === 0) release(one);
      }
    },
    end() {
      for (const { timer } of waiting) clearTimeout(timer);
      waiting.clear();
    },
  };
}
