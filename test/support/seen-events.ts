/** An event as a person's client shows it, decrypted where it could be. */
export interface SeenEvent {
  roomId: string;
  /** Empty for an invitation, which comes without one. */
  eventId: string;
  sender: string;
  type: string;
  content: Record<string, unknown>;
  stateKey?: string;
  /** It came over the wire encrypted. */
  encrypted: boolean;
  /** The keys are not there (yet). It is seen a second time when they come. */
  undecryptable: boolean;
  /** When the homeserver had it, in milliseconds of its clock; where the client tells. */
  serverTime?: number;
}

export interface SeenEvents {
  all(): readonly SeenEvent[];
  add(event: SeenEvent): void;
  /**
   * The first event that fits, of those seen from the `from`th on and those to come. Rejects when there was none within
   * the limit, with a list of what came instead.
   */
  waitFor(fits: (event: SeenEvent) => boolean, options?: WaitOptions): Promise<SeenEvent>;
}

export interface WaitOptions {
  /** A place in `all()`; at first its beginning. */
  from?: number;
  limitMs?: number;
}

export function createSeenEvents(): SeenEvents {
  const seen: SeenEvent[] = [];
  const waiting = new Set<(event: SeenEvent) => void>();
  return {
    all: () => seen,
    add(event) {
      seen.push(event);
      for (const told of waiting) told(event);
    },
    waitFor(fits, { from = 0, limitMs = 15_000 } = {}) {
      const known = seen.slice(from).find(fits);
      if (known) return Promise.resolve(known);

      const { promise, resolve, reject } = Promise.withResolvers<SeenEvent>();
      const told = (event: SeenEvent) => fits(event) && resolve(event);
      const late = () => {
        const instead = seen.slice(from).slice(-25);
        const lines = instead.map(({ sender, type, content }) => `  ${sender} ${type} ${short(content)}`);
        reject(new Error(`nothing that fits came within ${limitMs} ms; what came last:\n${lines.join("\n")}`));
      };
      const timer = setTimeout(late, limitMs);
      waiting.add(told);
      return promise.finally(() => {
        clearTimeout(timer);
        waiting.delete(told);
      });
    },
  };
}

const short = (content: unknown): string => JSON.stringify(content).slice(0, 200);
