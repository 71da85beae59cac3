/** Why a run is aborted: the person wants no more of it, or the program is closing and will take it up again. */
export type AbortCause = "stop" | "shutdown";

/** One piece of work at a time under each key, in order of arrival. Different keys run side by side. */
export interface Lanes<Item> {
  /** Puts an item at the end of its lane, and begins to work when the lane is idle. */
  add(key: string, item: Item): void;
  /** Ends the work under way and empties the lane. Gives what will not be worked on. */
  stop(key: string): { running: boolean; dropped: Item[] };
  /** Ends the work under way; what waits in the lane comes next. */
  interrupt(key: string): void;
  /** How many items wait, in all lanes. */
  waiting(): number;
  /** Takes nothing new to work on, and waits for what is under way; aborts it after `graceMs`. */
  drain(graceMs: number): Promise<void>;
}

/** What the one who works a lane holds. */
export interface Lane<Item> {
  readonly key: string;
  readonly signal: AbortSignal;
  /** Takes the waiting items from the front as long as `accept` says so. */
  take(accept: (item: Item) => boolean): Item[];
  /** Puts back to the front what was taken and could not be worked on. */
  putBack(items: readonly Item[]): void;
}

/** `work` is called while items wait; it must take at least one each time, and must not reject. */
export function createLanes<Item>(work: (lane: Lane<Item>) => Promise<void>): Lanes<Item> {
  const lanes = new Map<string, { items: Item[]; controller: AbortController; worker: Promise<void> }>();
  let draining = false;

  async function runLane(key: string): Promise<void> {
    for (;;) {
      const lane = lanes.get(key);
      if (!lane || lane.items.length === 0 || draining) break;
      lane.controller = new AbortController();
      const take = (accept: (item: Item) => boolean): Item[] => {
        const refused = lane.items.findIndex((item) => !accept(item));
        return lane.items.splice(0, refused === -1 ? lane.items.length : refused);
      };
      const putBack = (items: readonly Item[]): void => void lane.items.unshift(...items);
      await work({ key, signal: lane.controller.signal, take, putBack });
    }
    lanes.delete(key);
  }

  return {
    add(key, item) {
      const lane = lanes.get(key);
      if (lane) {
        lane.items.push(item);
        return;
      }
      const fresh = { items: [item], controller: new AbortController(), worker: Promise.resolve() };
      lanes.set(key, fresh);
      // A turn later: messages that arrive together are taken together.
      fresh.worker = Promise.resolve().then(() => runLane(key));
    },

    stop(key) {
      const lane = lanes.get(key);
      if (!lane) return { running: false, dropped: [] };
      lane.controller.abort("stop" satisfies AbortCause);
      return { running: true, dropped: lane.items.splice(0) };
    },

    interrupt: (key) => lanes.get(key)?.controller.abort("stop" satisfies AbortCause),

    waiting: () => lanes.values().reduce((sum, { items }) => sum + items.length, 0),

    async drain(graceMs) {
      draining = true;
      const abort = (): void => {
        for (const { controller } of lanes.values()) controller.abort("shutdown" satisfies AbortCause);
      };
      const timer = setTimeout(abort, graceMs);
      await Promise.all([...lanes.values()].map(({ worker }) => worker));
      clearTimeout(timer);
    },
  };
}
