import type { DownloadProgress } from "./model-download.ts";

export interface EmbedderState {
  kind: "absent" | "downloading" | "loading" | "ready" | "failed";
  /** For the person, with the remedy. */
  text: string;
  progress?: DownloadProgress | undefined;
}

/** The model is not there, or not yet: the message is the state's text. */
export class EmbedderNotReadyError extends Error {
  override name = "EmbedderNotReadyError";
}

export interface EmbedderStates {
  readonly now: EmbedderState;
  tell(next: EmbedderState): void;
  /** Calls back whenever it changes. Gives a function that ends it. */
  listen(listener: (state: EmbedderState) => void): () => void;
  /** Resolves once it is ready. @throws EmbedderNotReadyError when that failed; an abort's reason. */
  ready(...signals: AbortSignal[]): Promise<void>;
}

export function createEmbedderStates(first: EmbedderState): EmbedderStates {
  const listeners = new Set<(state: EmbedderState) => void>();
  const listen = (listener: (state: EmbedderState) => void): (() => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  let now = first;

  return {
    get now() {
      return now;
    },
    tell(next) {
      now = next;
      for (const listener of [...listeners]) listener(next);
    },
    listen,
    async ready(...signals) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const look = ({ kind, text }: EmbedderState): void => {
        if (kind === "ready") resolve();
        if (kind === "failed") reject(new EmbedderNotReadyError(text));
      };
      const signal = AbortSignal.any(signals);
      const abort = (): void => reject(signal.reason);
      signal.addEventListener("abort", abort);
      const end = listen(look);
      try {
        signal.throwIfAborted();
        look(now);
        await promise;
      } finally {
        end();
        signal.removeEventListener("abort", abort);
      }
    },
  };
}

/** `34 of 137 MB`. */
export function describeProgress({ doneBytes, totalBytes }: DownloadProgress): string {
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 10e6 ? 1 : 0);
  return `${megabytes(doneBytes)}${totalBytes === undefined ? "" : ` of ${megabytes(totalBytes)}`} MB`;
}

/** `30 s`, `10 min`. */
export function describeDuration(ms: number): string {
  return ms < 60_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}
