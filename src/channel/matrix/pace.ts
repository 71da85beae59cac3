/** How fast one account may send: what the server asked for, and what we allow ourselves for what is not needed. */
export interface Pace {
  /** From now on there is a connection to send by. */
  begin(): void;
  /** Nothing is to be sent at this moment. */
  readonly paused: boolean;
  /** Waits until sending is allowed. Rejects when `signal` aborts. */
  ready(signal: AbortSignal): Promise<void>;
  /** The server was too busy: `waitMs` as it said; undefined when it did not say. */
  slowDown(waitMs: number | undefined): void;
  /** True when a notice or an edit may be sent now; it then counts. */
  mayShow(): boolean;
}

/** Synapse allows 0.2 messages a second and ten at once: two of those are left for answers. */
const burst = 8;
const refillMs = 6_000;
const longestWaitMs = 300_000;

export function createPace(now: () => number = Date.now, random: () => number = Math.random): Pace {
  const begun = Promise.withResolvers<void>();
  let hasBegun = false;
  let pausedUntil = 0;
  let credit = burst;
  let creditAt = now();

  return {
    begin() {
      hasBegun = true;
      begun.resolve();
    },
    get paused() {
      return !hasBegun || now() < pausedUntil;
    },
    async ready(signal) {
      if (!hasBegun) await orAborted(begun.promise, signal);
      for (;;) {
        signal.throwIfAborted();
        const waitMs = pausedUntil - now();
        if (waitMs <= 0) return;
        await pause(waitMs, signal);
      }
    },
    slowDown(waitMs = 5_000) {
      // A little later than asked, each time by another bit: the others who were told the same do not come together.
      const jitter = 1 + random() * 0.1;
      pausedUntil = Math.max(pausedUntil, now() + Math.min(Math.max(waitMs, 100), longestWaitMs) * jitter);
    },
    mayShow() {
      const at = now();
      if (!hasBegun || at < pausedUntil) return false;
      credit = Math.min(burst, credit + (at - creditAt) / refillMs);
      creditAt = at;
      if (credit < 1) return false;
      credit--;
      return true;
    },
  };
}

function orAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    promise.then(resolve);
  });
}

/** Resolves after `ms`, or rejects at once when `signal` aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    };
    const abort = (): void => {
      done();
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      done();
      resolve();
    }, ms);
    signal.addEventListener("abort", abort);
  });
}
