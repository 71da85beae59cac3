import { pause } from "./pace.ts";
import { sendFailureOf } from "./send-failure.ts";

const firstPauseMs = 1_000;
const longestPauseMs = 60_000;

/**
 * Makes a request until the homeserver takes it: one that is busy or away is asked again. For what may be asked twice.
 * Throws what the homeserver refuses, and the reason of `signal`.
 */
export async function untilTaken<Result>(request: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    signal.throwIfAborted();
    try {
      return await request();
    } catch (error) {
      const failure = sendFailureOf(error);
      if (failure.kind !== "limited" && failure.kind !== "unreachable") throw error;
      await pause((failure.kind === "limited" && failure.waitMs) || pauseMs, signal);
    }
  }
}
