/** What came in a room, as its reader sees it. */
export interface Message {
  kind: "text" | "notice" | "reaction";
  id: string;
  room: string;
  /** Full id. */
  sender: string;
  /** The words, or the emoji. */
  body: string;
  /** The message that this shows anew, or lies on. */
  of?: string;
  at: Date;
  encrypted: boolean;
}

/** What has come so far, for one who waits for something. */
export interface Heard {
  add(message: Message): void;
  all(): readonly Message[];
  /** The first that fits, of those after `since` messages; also one that is still to come. Rejects on abort. */
  find(fits: (message: Message) => boolean, since: number, signal: AbortSignal): Promise<Message>;
}

export function createHeard(): Heard {
  const messages: Message[] = [];
  const waiting = new Set<() => void>();
  return {
    add(message) {
      messages.push(message);
      for (const look of waiting) look();
    },
    all: () => messages,
    async find(fits, since, signal) {
      signal.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<Message>();
      const look = (): void => {
        const found = messages.slice(since).find(fits);
        if (found) resolve(found);
      };
      const leave = (): void => reject(signal.reason);
      waiting.add(look);
      signal.addEventListener("abort", leave);
      look();
      return promise.finally(() => {
        waiting.delete(look);
        signal.removeEventListener("abort", leave);
      });
    },
  };
}
