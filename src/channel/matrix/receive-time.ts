/** When an event was really sent, as far as that can be known: what its sender claims counts only within the time we were away. */
export interface ReceiveTime {
  /** Bounds a claimed time: not before the last moment at which we were known to hear everything, and not after now. */
  bound(claimed: Date): Date;
  /** We hear everything at this moment. */
  heard(): void;
}

const storeEveryMs = 600_000;

/** `stored` keeps the moment over restarts. */
export function createReceiveTime(
  now: () => Date,
  stored: { get(): Date | undefined; set(at: Date): void },
): ReceiveTime {
  const kept = stored.get();
  let heardAt = kept ?? now();
  let storedAt = kept?.getTime() ?? 0;

  return {
    bound(claimed) {
      const latest = now().getTime();
      return new Date(Math.min(Math.max(claimed.getTime(), heardAt.getTime()), latest));
    },
    heard() {
      heardAt = now();
      if (heardAt.getTime() - storedAt < storeEveryMs) return;
      storedAt = heardAt.getTime();
      stored.set(heardAt);
    },
  };
}
