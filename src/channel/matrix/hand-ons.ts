/** Counts what the agents of this installation answer to one another: together, however many there are. */
export interface HandOns {
  /** True, and counted, when one more such answer may follow a person's message: no more than `most` do in its room. */
  take(room: string, message: string, most: number): boolean;
}

/** Not all agents have read as far as the first: those behind still count for the message before. */
const mostRemembered = 16;

export function createHandOns(): HandOns {
  const taken = new Map<string, Map<string, number>>();

  return {
    take(room, message, most) {
      const counts = taken.get(room) ?? new Map<string, number>();
      taken.set(room, counts);
      const count = counts.get(message) ?? 0;
      if (count >= most) return false;
      counts.set(message, count + 1);
      const [oldest] = counts.keys();
      if (counts.size > mostRemembered && oldest !== undefined) counts.delete(oldest);
      return true;
    },
  };
}
