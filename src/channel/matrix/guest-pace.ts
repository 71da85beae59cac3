/** How often those may write who are allowed to, and are no owners. */
export interface GuestPace {
  /** Counts one message of this person: `too much`, and for the first that is, `tell` them. */
  take(userId: string): "fine" | "tell" | "too much";
}

const mostInAMinute = 10;
const minuteMs = 60_000;

export function createGuestPace(now: () => Date): GuestPace {
  const taken = new Map<string, { times: number[]; toldAt: number }>();

  return {
    take(userId) {
      const at = now().getTime();
      const known = taken.get(userId) ?? { times: [], toldAt: Number.NEGATIVE_INFINITY };
      taken.set(userId, known);
      known.times = known.times.filter((time) => at - time < minuteMs);
      if (known.times.length < mostInAMinute) {
        known.times.push(at);
        return "fine";
      }
      if (at - known.toldAt < minuteMs) return "too much";
      known.toldAt = at;
      return "tell";
    },
  };
}
