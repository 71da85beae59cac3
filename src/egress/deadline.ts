import { EgressError } from "./egress-error.ts";

/** Ends a request that takes too long. Its signal also follows the caller's. */
export interface Deadline extends Disposable {
  signal: AbortSignal;
  /** The next thing must happen within `ms`, else the request ends with this sentence. Ends the wait before. */
  expect(ms: number, sentence: string): void;
}

export function createDeadline(totalMs: number, sentence: string, caller: AbortSignal): Deadline {
  const expiry = new AbortController();
  const expire = (text: string) => expiry.abort(new EgressError(text));
  const total = setTimeout(expire, totalMs, sentence);
  let next: NodeJS.Timeout | undefined;
  return {
    signal: AbortSignal.any([caller, expiry.signal]),
    expect(ms, text) {
      clearTimeout(next);
      next = setTimeout(expire, ms, text);
    },
    [Symbol.dispose]() {
      clearTimeout(total);
      clearTimeout(next);
    },
  };
}

/** `60 s`, `0.2 s`. */
export function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
