/** Gives up on a server that has stopped sending. */
export interface SilenceWatch extends Disposable {
  /** Aborted when nothing was heard in time, and when the caller's is. */
  readonly signal: AbortSignal;
  heard(): void;
}

export function createSilenceWatch(limitMs: number, caller: AbortSignal): SilenceWatch {
  const silence = new AbortController();
  const expire = (): void => silence.abort(new Error(`nothing came for ${limitMs / 1000} s`));
  const timer = setTimeout(expire, limitMs);
  return {
    signal: AbortSignal.any([caller, silence.signal]),
    heard: () => void timer.refresh(),
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
