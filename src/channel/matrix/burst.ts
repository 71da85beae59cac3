/** Holds messages back for a moment, so that those that come one upon the other are handed over together. */
export interface Burst<Item> {
  add(key: string, item: Item): void;
  /** Hands over what waits under this key, now. */
  flush(key: string): void;
  /** Forgets what waits. */
  clear(): void;
}

/** `pauseMs`: how long nothing must have come. One who never pauses is handed over after five times that. */
export function createBurst<Item>(pauseMs: number, handOver: (items: Item[]) => void): Burst<Item> {
  const waiting = new Map<string, { items: Item[]; since: number; timer: NodeJS.Timeout }>();

  function flush(key: string): void {
    const one = waiting.get(key);
    if (!one) return;
    clearTimeout(one.timer);
    waiting.delete(key);
    handOver(one.items);
  }

  return {
    add(key, item) {
      const known = waiting.get(key);
      const items = known?.items ?? [];
      const since = known?.since ?? Date.now();
      clearTimeout(known?.timer);
      items.push(item);
      const waitMs = Math.max(0, Math.min(pauseMs, since + 5 * pauseMs - Date.now()));
      waiting.set(key, { items, since, timer: setTimeout(flush, waitMs, key) });
    },
    flush,
    clear() {
      for (const { timer } of waiting.values()) clearTimeout(timer);
      waiting.clear();
    },
  };
}
